package dev.sluice.router.core;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// How a job's answer gets back to who asked; the same from its submission on.
///
/// @param stream whether deltas are wanted
/// @param attached whether a connection waited for it at submission
/// @param callback who is told of its end; empty when nobody is
public record Delivery(
    int replyPartition, boolean stream, boolean attached, Optional<Callback> callback) {

  private static final Map<Delivery, Delivery> SHARED = new ConcurrentHashMap<>();

  /// The same, as one object for all jobs without a callback that say the same: a million may wait.
  public Delivery shared() {
    return callback.isPresent() ? this : SHARED.computeIfAbsent(this, same -> same);
  }

  /// One whole answer, for whoever asks for it.
  public static Delivery kept(int replyPartition) {
    return new Delivery(replyPartition, false, false, Optional.empty());
  }
}
