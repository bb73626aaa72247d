package dev.sluice.router.core;

import dev.sluice.contract.model.JobId;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;

/// When time itself concerns a job again, one timer a job. A binary heap whose timers know their
/// places, so that one is moved without a search, and costs a job that waits no object of its own.
/// Owned by one thread.
final class JobTimers {
  private Timer[] heap = new Timer[16];
  private int size;

  /// Part of whatever stands for a job; of equal times the earlier job's is due first.
  abstract static class Timer {
    private static final int UNARMED = -1;

    private long dueMillis;
    private int place = UNARMED;

    abstract JobId id();

    private boolean before(Timer other) {
      return dueMillis < other.dueMillis
          || (dueMillis == other.dueMillis && id().compareTo(other.id()) < 0);
    }
  }

  /// @param due [Instant#MAX] for never
  void arm(Timer timer, Instant due) {
    if (due.equals(Instant.MAX)) {
      disarm(timer);
      return;
    }
    // Rounded up: a timer that fired inside its last millisecond would find nothing due, and would
    // be gone.
    timer.dueMillis = due.plusNanos(999_999).toEpochMilli();
    if (timer.place == Timer.UNARMED) {
      if (size == heap.length) {
        heap = Arrays.copyOf(heap, size * 2);
      }
      put(timer, size++);
    }
    settle(timer);
  }

  void disarm(Timer timer) {
    if (timer.place == Timer.UNARMED) {
      return;
    }
    int gap = timer.place;
    Timer last = heap[--size];
    clear(size);
    timer.place = Timer.UNARMED;
    if (gap < size) {
      put(last, gap);
      settle(last);
    }
  }

  /// Takes the job whose timer is due first; empty when none is due by now.
  Optional<JobId> next(Instant now) {
    if (size == 0 || heap[0].dueMillis > now.toEpochMilli()) {
      return Optional.empty();
    }
    Timer first = heap[0];
    disarm(first);
    return Optional.of(first.id());
  }

  /// Moves a timer to where it belongs, up or down.
  private void settle(Timer timer) {
    int place = timer.place;
    while (place > 0 && timer.before(heap[(place - 1) / 2])) {
      put(heap[(place - 1) / 2], place);
      place = (place - 1) / 2;
    }
    int child = sooner(2 * place + 1);
    while (child < size && heap[child].before(timer)) {
      put(heap[child], place);
      place = child;
      child = sooner(2 * place + 1);
    }
    put(timer, place);
  }

  /// The one of two neighbours that is due first, by the place of the left one.
  private int sooner(int left) {
    int right = left + 1;
    return right < size && heap[right].before(heap[left]) ? right : left;
  }

  private void put(Timer timer, int place) {
    heap[place] = timer;
    timer.place = place;
  }

  @SuppressWarnings("NullAway") // slots from `size` on are never read
  private void clear(int place) {
    heap[place] = null;
  }
}
