package dev.sluice.router.core;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;

/// Leases that have ended, whose calls must wait for their settlement until the commands of that
/// moment have been read: an outcome among them says what its call used, and spares the repeat.
/// Owned by one thread.
public final class EndedLeases {

  /// Where the last commands changed nothing, a new owner does not know that they have been read.
  static final Duration LIMIT = Duration.ofSeconds(30);

  private record End(long commands, Instant noticed) {}

  private final Map<String, End> ends = new HashMap<>();

  /// The workers whose calls are to be settled now. One that shows signs of life again is not among
  /// them.
  ///
  /// @param lost every worker whose lease has ended
  /// @param commandsNow next offset of the commands; asked only when a lease has just ended
  /// @param commandsRead next offset to read
  public Set<String> due(
      Set<String> lost, LongSupplier commandsNow, long commandsRead, Instant now) {
    ends.keySet().retainAll(lost);
    Set<String> news = new HashSet<>(lost);
    news.removeAll(ends.keySet());
    if (!news.isEmpty()) {
      End end = new End(commandsNow.getAsLong(), now);
      news.forEach(worker -> ends.put(worker, end));
    }
    Set<String> due = new HashSet<>();
    ends.forEach((worker, end) -> {
      if (commandsRead >= end.commands || !end.noticed.plus(LIMIT).isAfter(now)) {
        due.add(worker);
      }
    });
    ends.keySet().removeAll(due);
    return due;
  }
}
