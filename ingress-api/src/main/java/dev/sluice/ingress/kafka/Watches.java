package dev.sluice.ingress.kafka;

import dev.sluice.contract.model.JobId;
import dev.sluice.ingress.log.JobSignal;
import dev.sluice.ingress.log.JobWatch;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Who watches which job in this process. Telling never waits and never locks a watcher out. Safe
/// for use by many threads.
final class Watches {
  private final ConcurrentHashMap<JobId, Set<JobWatch>> byJob = new ConcurrentHashMap<>();

  JobWatch open(JobId id) {
    JobWatch[] self = new JobWatch[1];
    JobWatch watch =
        new JobWatch(() -> {
          close(id, self[0]);
          self[0].first().ifPresent(first -> close(first, self[0]));
        });
    self[0] = watch;
    add(id, watch);
    return watch;
  }

  private void add(JobId id, JobWatch watch) {
    byJob.compute(
        id,
        (_, known) -> {
          // Thousands may watch one job, so no copy is made for each.
          Set<JobWatch> watches = known == null ? ConcurrentHashMap.newKeySet(1) : known;
          watches.add(watch);
          return watches;
        });
  }

  /// Who watches a repeat watches its first job from now on.
  ///
  /// @return whether anybody does
  boolean join(JobId repeat, JobId first) {
    Set<JobWatch> moved = byJob.remove(repeat);
    if (moved == null) {
      return false;
    }
    for (JobWatch watch : moved) {
      watch.join(first);
      add(first, watch);
      if (watch.closed()) {
        close(first, watch);
      }
    }
    return true;
  }

  void tell(JobId id, JobSignal signal) {
    Set<JobWatch> watches = byJob.get(id);
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
          watches.remove(watch);
          return watches.isEmpty() ? null : watches;
        });
  }
}
