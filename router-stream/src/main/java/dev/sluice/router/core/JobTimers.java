package dev.sluice.router.core;

import java.time.Instant;
import java.util.Optional;

/// When time itself concerns a job again, one timer a job; of equal times the earlier job's is due
/// first. Owned by one thread.
final class JobTimers extends IndexedHeap<LiveJob> {

  @Override
  boolean before(LiveJob a, LiveJob b) {
    return a.dueMillis < b.dueMillis
        || (a.dueMillis == b.dueMillis && a.id().compareTo(b.id()) < 0);
  }

  @Override
  int place(LiveJob job) {
    return job.inTimers;
  }

  @Override
  void place(LiveJob job, int place) {
    job.inTimers = place;
  }

  /// @param due [Instant#MAX] for never
  void arm(LiveJob job, Instant due) {
    if (due.equals(Instant.MAX)) {
      remove(job);
      return;
    }
    // Rounded up: a timer that fired inside its last millisecond would find nothing due, and would
    // be gone.
    job.dueMillis = due.plusNanos(999_999).toEpochMilli();
    settle(job);
  }

  /// Takes the job whose timer is due first; empty when none is due by now.
  Optional<LiveJob> next(Instant now) {
    if (isEmpty() || first().dueMillis > now.toEpochMilli()) {
      return Optional.empty();
    }
    LiveJob due = first();
    remove(due);
    return Optional.of(due);
  }
}
