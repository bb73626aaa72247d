package dev.sluice.ingress.kafka;

import dev.sluice.contract.model.JobId;
import dev.sluice.ingress.log.JobSignal;
import dev.sluice.ingress.log.JobWatch;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/// Who watches which job in this process. Telling never waits and never locks a watcher out. Safe
/// for use by many threads.
final class Watches {
  private final ConcurrentHashMap<JobId, List<JobWatch>> byJob = new ConcurrentHashMap<>();

  JobWatch open(JobId id) {
    JobWatch[] self = new JobWatch[1];
    JobWatch watch = new JobWatch(() -> close(id, self[0]));
    self[0] = watch;
    byJob.merge(
        id, List.of(watch), (some, one) -> Stream.concat(some.stream(), one.stream()).toList());
    return watch;
  }

  void tell(JobId id, JobSignal signal) {
    List<JobWatch> watches = byJob.get(id);
    if (watches != null) {
      for (JobWatch watch : watches) {
        watch.tell(signal);
      }
    }
  }

  int jobs() {
    return byJob.size();
  }

  private void close(JobId id, JobWatch watch) {
    byJob.computeIfPresent(
        id,
        (_, watches) -> {
          List<JobWatch> left = watches.stream().filter(one -> one != watch).toList();
          return left.isEmpty() ? null : left;
        });
  }
}
