package dev.sluice.router.core;

import dev.sluice.contract.model.JobId;
import java.time.Instant;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// When time itself concerns a job again, one timer a job. Owned by one thread.
final class JobTimers {
  private final TreeSet<Timer> timers = new TreeSet<>();

  /// Kept by whoever armed it.
  record Timer(long dueMillis, JobId id) implements Comparable<Timer> {
    @Override
    public int compareTo(Timer other) {
      int byDue = Long.compare(dueMillis, other.dueMillis);
      return byDue != 0 ? byDue : id.compareTo(other.id);
    }
  }

  /// @param before the timer that this one takes the place of
  /// @param due [Instant#MAX] for never
  @Nullable Timer arm(@Nullable Timer before, JobId id, Instant due) {
    disarm(before);
    if (due.equals(Instant.MAX)) {
      return null;
    }
    // Rounded up: a timer that fired inside its last millisecond would find nothing due, and would
    // be gone.
    Timer timer = new Timer(due.plusNanos(999_999).toEpochMilli(), id);
    timers.add(timer);
    return timer;
  }

  void disarm(@Nullable Timer timer) {
    if (timer != null) {
      timers.remove(timer);
    }
  }

  /// Takes the job whose timer is due first; empty when none is due by now.
  Optional<JobId> next(Instant now) {
    return timers.isEmpty() || timers.first().dueMillis() > now.toEpochMilli()
        ? Optional.empty()
        : Optional.of(timers.removeFirst().id());
  }
}
