package dev.sluice.ingress.core.callback;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// When a callback that failed is tried again: the schedule of Standard Webhooks, its last step cut
/// so that all of it takes 72 hours.
///
/// @param delays between the end of one attempt and the next
/// @param total longest time from the first attempt to the last
public record Ladder(List<Duration> delays, Duration total) {
  private static final double JITTER = 0.1;

  public static final Ladder STANDARD =
      new Ladder(
          List.of(
              Duration.ofSeconds(5),
              Duration.ofMinutes(5),
              Duration.ofMinutes(30),
              Duration.ofHours(2),
              Duration.ofHours(5),
              Duration.ofHours(10),
              Duration.ofHours(14),
              Duration.ofHours(20),
              Duration.ofHours(24)),
          Duration.ofHours(72));

  public Ladder {
    delays = List.copyOf(delays);
  }

  /// When to try again; empty when all attempts have been made.
  ///
  /// @param attempts made, from 1
  /// @param firstAt when the first of them was due
  /// @param random from 0 to 1: receivers that failed together are not called together again
  public Optional<Instant> next(int attempts, Instant firstAt, Instant now, double random) {
    Instant end = firstAt.plus(total);
    if (attempts > delays.size() || !now.isBefore(end)) {
      return Optional.empty();
    }
    Duration delay = delays.get(attempts - 1);
    Instant due = now.plusMillis((long) (delay.toMillis() * (1 + JITTER * random)));
    return Optional.of(due.isBefore(end) ? due : end);
  }
}
