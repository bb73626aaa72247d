package dev.sluice.router.core;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// How fast each line moves, from what is seen of it now and then, and which lines have emptied
/// since they were last told of. Owned by one thread.
public final class LinePace {
  /// Over which the pace is averaged.
  private static final Duration WINDOW = Duration.ofSeconds(10);

  private final Map<WaitingLine.Name, Seen> seen = new HashMap<>();

  private record Seen(long taken, double perSecond, Instant at) {}

  /// @param perSecond jobs that leave it towards the pool, a second; 0 when none has
  public record Told(WaitingLine line, double perSecond) {}

  /// What to tell of the lines as they stand now; those that emptied are told once more, empty.
  public List<Told> tell(List<WaitingLine> lines, Instant now) {
    List<Told> told = new ArrayList<>(lines.size());
    Map<WaitingLine.Name, Seen> before = new HashMap<>(seen);
    for (WaitingLine line : lines) {
      Seen last = before.remove(line.name());
      Seen current = last == null ? new Seen(line.taken(), 0, now) : moved(last, line, now);
      seen.put(line.name(), current);
      told.add(new Told(line, current.perSecond));
    }
    for (WaitingLine.Name emptied : before.keySet()) {
      seen.remove(emptied);
      told.add(new Told(new WaitingLine(emptied, 0, 0, List.of(), Optional.empty(), Map.of()), 0));
    }
    return told;
  }

  private static Seen moved(Seen last, WaitingLine line, Instant now) {
    double seconds = Duration.between(last.at, now).toMillis() / 1_000.0;
    if (seconds <= 0) {
      return last;
    }
    // A line that emptied in between counts from its beginning.
    long taken = line.taken() >= last.taken ? line.taken() - last.taken : line.taken();
    double latest = taken / seconds;
    double weight = 1 - Math.exp(-seconds / WINDOW.toSeconds());
    double pace =
        last.perSecond == 0 ? latest : last.perSecond + weight * (latest - last.perSecond);
    return new Seen(line.taken(), pace, now);
  }
}
