package dev.sluice.router.core;

import dev.sluice.contract.model.Priority;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The waiting jobs that are still to be placed anew since the rules changed, the most urgent
/// classes first. A million may wait, so they are placed some at a time; until its turn comes a job
/// stands where it stood, marked as placed in an earlier round. Owned by one thread.
final class PlacingRound {
  /// By class, then by the round in which a job was last placed.
  private final Map<Priority, NavigableMap<Integer, Deque<LiveJob>>> left =
      new EnumMap<>(Priority.class);

  private int number;

  /// From now on all these are to be placed anew in their order, within a class first those that
  /// the last rounds did not come to: rules that change faster than a round ends leave nobody out.
  void begin(Stream<LiveJob> waiting) {
    number++;
    left.clear();
    waiting.forEach(job ->
        left.computeIfAbsent(job.job().priority(), _ -> new TreeMap<>())
            .computeIfAbsent(job.round, _ -> new ArrayDeque<>())
            .add(job));
  }

  /// Whether a job was last placed in an earlier round.
  boolean missed(LiveJob job) {
    return job.round != number;
  }

  void placed(LiveJob job) {
    job.round = number;
  }

  /// The next that was not placed yet and still waits; null when the round is over.
  @Nullable LiveJob next() {
    for (NavigableMap<Integer, Deque<LiveJob>> ofClass : left.values()) {
      while (!ofClass.isEmpty()) {
        Deque<LiveJob> oldest = ofClass.firstEntry().getValue();
        LiveJob job = oldest.removeFirst();
        if (oldest.isEmpty()) {
          ofClass.pollFirstEntry();
        }
        if (missed(job) && job.waits()) {
          return job;
        }
      }
    }
    return null;
  }
}
