package dev.sluice.contract.model;

import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Knows of nearly every new job, without a look at a store of jobs, that the store does not hold
/// it. It remembers the newest ids that were stored, and as `floor` the newest one that it does not
/// remember: an id above the floor that is not remembered was never stored. It is always right,
/// whatever clocks say; ids that come in another order than that of their creation only have to be
/// looked up more often. Safe for use by many threads.
public final class NewestJobs {
  private final int most;
  private final TreeSet<JobId> newest = new TreeSet<>();
  private @Nullable JobId floor;

  /// @param most ids remembered, of some 70 bytes each
  /// @param newestStored the newest id that the store holds by now, if it holds any
  public NewestJobs(int most, Optional<JobId> newestStored) {
    this.most = most;
    this.floor = newestStored.orElse(null);
  }

  /// To be said before a job is stored. That it is stored again, or deleted, need not be said.
  public synchronized void store(JobId job) {
    if (aboveFloor(job) && newest.add(job) && newest.size() > most) {
      floor = newest.pollFirst();
    }
  }

  /// Whether the store may hold a job. If not, it surely does not.
  public synchronized boolean mayBeStored(JobId job) {
    return !aboveFloor(job) || newest.contains(job);
  }

  private boolean aboveFloor(JobId job) {
    return floor == null || job.compareTo(floor) > 0;
  }
}
