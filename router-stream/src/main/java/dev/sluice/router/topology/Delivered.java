package dev.sluice.router.topology;

import dev.sluice.contract.model.JobId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a commit has covered. Streams flushes before it commits, so every output sent before the
/// commit is delivered: jobs done by then can be forgotten, and inputs below then need nothing sent
/// again after a crash. Owned by the stream thread.
final class Delivered {
  private final TaskLog log;
  private final List<JobId> over = new ArrayList<>();
  private @Nullable Covered latest;

  private record Covered(List<JobId> done, List<Long> positions) {}

  Delivered(TaskLog log) {
    this.log = log;
  }

  /// A commit has just ended.
  ///
  /// @param done jobs that have ended
  /// @param other ids of which nothing needs to be kept any more
  void committed(List<JobId> done, List<JobId> other) {
    over.addAll(other);
    latest = new Covered(List.copyOf(done), Arrays.stream(log.positions()).boxed().toList());
  }

  /// Writes down what the last commit covered, once, and returns the jobs whose end is delivered.
  List<JobId> settle() {
    Covered covered = latest;
    if (covered == null) {
      return List.of();
    }
    latest = null;
    log.checkpoint(covered.positions().stream().mapToLong(Long::longValue).toArray());
    over.forEach(log::forget);
    over.clear();
    return covered.done();
  }
}
