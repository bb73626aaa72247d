package dev.sluice.ingress.core;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/// Calls under keys, as a log has them. Of the calls under one key the first in the log holds it
/// until its time is over, then the first that was made after that: so whoever has read the log to
/// the same place names the same holder, whatever their clocks say. Safe for use by many threads.
///
/// @param <T> what is known of a call
public final class KeyHolders<T> {

  /// One call.
  ///
  /// @param name of its record in the log
  /// @param until how long it holds its key; no longer
  public record Call<T>(String name, Instant at, Instant until, T what) {}

  private final Map<String, Map<String, Call<T>>> byKey = new HashMap<>();
  private int size;

  /// Takes a record, in the order of the log.
  public synchronized void put(String key, Call<T> call) {
    Call<T> before = byKey.computeIfAbsent(key, _ -> new LinkedHashMap<>()).put(call.name(), call);
    size += before == null ? 1 : 0;
  }

  /// Takes the removal of a record.
  public synchronized void remove(String key, String name) {
    Map<String, Call<T>> calls = byKey.get(key);
    if (calls == null || calls.remove(name) == null) {
      return;
    }
    size--;
    if (calls.isEmpty()) {
      byKey.remove(key);
    }
  }

  /// The call that holds a key at an instant; empty when a call made then would hold it.
  public synchronized Optional<Call<T>> holder(String key, Instant at) {
    return last(key).filter(call -> at.isBefore(call.until()));
  }

  private Optional<Call<T>> last(String key) {
    Optional<Call<T>> holder = Optional.empty();
    for (Call<T> call : byKey.getOrDefault(key, Map.of()).values()) {
      if (holder.isEmpty() || !call.at().isBefore(holder.get().until())) {
        holder = Optional.of(call);
      }
    }
    return holder;
  }

  /// All calls that fit, in no order.
  public synchronized List<Call<T>> where(Predicate<Call<T>> fits) {
    List<Call<T>> found = new ArrayList<>();
    byKey.values().forEach(calls -> calls.values().stream().filter(fits).forEach(found::add));
    return found;
  }

  /// Calls that are known, count.
  public synchronized int size() {
    return size;
  }
}
