package dev.sluice.router.core;

import dev.sluice.contract.model.Priority;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The waiting jobs that are still to be placed anew since the rules changed, the most urgent
/// classes first. A million may wait, so they are placed some at a time; until its turn comes a job
/// stands where it stood, marked as placed in an earlier round. Owned by one thread.
final class PlacingRound {
  private final Map<Priority, List<LiveJob>> left = new EnumMap<>(Priority.class);
  private int number;

  /// From now on all these are to be placed anew.
  void begin(Stream<LiveJob> waiting) {
    number++;
    left.clear();
    waiting.forEach(
        job -> left.computeIfAbsent(job.job().priority(), _ -> new ArrayList<>()).add(job));
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
    for (List<LiveJob> jobs : left.values()) {
      while (!jobs.isEmpty()) {
        LiveJob job = jobs.removeLast();
        if (missed(job) && job.waits()) {
          return job;
        }
      }
    }
    left.clear();
    return null;
  }
}
