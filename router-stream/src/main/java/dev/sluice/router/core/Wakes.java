package dev.sluice.router.core;

import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;

/// When tenants that a limit holds back should be tried again, because time alone frees something.
/// Owned by one thread.
final class Wakes {
  private final Map<String, Instant> next = new HashMap<>();
  private final PriorityQueue<Wake> all = new PriorityQueue<>();

  private record Wake(Instant at, String tenant) implements Comparable<Wake> {
    @Override
    public int compareTo(Wake other) {
      return at.compareTo(other.at);
    }
  }

  /// @param when empty when time alone frees nothing
  void at(String tenant, Optional<Instant> when) {
    Instant known = next.get(tenant);
    if (when.isPresent() && (known == null || when.get().isBefore(known))) {
      next.put(tenant, when.get());
      all.add(new Wake(when.get(), tenant));
    }
  }

  /// Tenants whose time has come.
  Set<String> due(Instant now) {
    Set<String> due = new HashSet<>();
    while (!all.isEmpty() && !all.element().at().isAfter(now)) {
      Wake wake = all.remove();
      if (next.remove(wake.tenant(), wake.at())) {
        due.add(wake.tenant());
      }
    }
    return due;
  }
}
