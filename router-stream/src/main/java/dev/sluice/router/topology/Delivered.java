package dev.sluice.router.topology;

import dev.sluice.contract.model.JobId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a commit has covered. Streams flushes before it commits, so every output sent before the
/// commit is delivered: jobs done by then can be forgotten, and inputs below then need nothing sent
/// again after a crash. Owned by the stream thread.
final class Delivered {
  private final TaskLog log;
  private @Nullable Covered latest;

  private record Covered(List<JobId> done, List<Long> positions) {}

  Delivered(TaskLog log) {
    this.log = log;
  }

  /// A commit has just ended.
  void committed(List<JobId> done) {
    latest =
        new Covered(List.copyOf(done), java.util.Arrays.stream(log.positions()).boxed().toList());
  }

  /// Writes down what the last commit covered, once, and returns the jobs to forget.
  List<JobId> settle() {
    Covered covered = latest;
    if (covered == null) {
      return List.of();
    }
    latest = null;
    log.checkpoint(covered.positions().stream().mapToLong(Long::longValue).toArray());
    covered.done().forEach(log::forget);
    return covered.done();
  }
}
