package dev.sluice.worker.core;

import dev.sluice.contract.model.Priority;
import java.util.ArrayDeque;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// The slots of one pool on one worker: a slot is the right to have one call running.
///
/// Work-conserving: a free slot goes to whoever waits. When several classes wait, they share by
/// stride scheduling with weights 15, 4 and 1, so that interactive work goes first and batch still
/// gets its floor of one slot in twenty. Slots are never taken back: after a shrink the gate grants
/// nothing until enough calls have ended.
///
/// Safe for use by many threads.
public final class SlotGate {
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<Priority, Lane> lanes = new EnumMap<>(Priority.class);
  private long virtualTime;
  private int capacity;
  private int used;

  /// One class: who waits, and how far it has come in virtual time.
  private static final class Lane {
    final ArrayDeque<Ticket> waiting = new ArrayDeque<>();
    final int stride;
    long pass;

    Lane(int stride) {
      this.stride = stride;
    }
  }

  /// A place in the queue for slots.
  public final class Ticket {
    private final Lane lane;
    private final int most;
    private final Condition changed = lock.newCondition();
    private int granted;
    private boolean cancelled;

    private Ticket(Lane lane, int most) {
      this.lane = lane;
      this.most = most;
    }

    /// Waits for at least one slot. Answers how many were granted; 0 when the time was up or the
    /// ticket cancelled, and then it is void.
    public int await(long nanos) throws InterruptedException {
      long left = nanos;
      lock.lockInterruptibly();
      try {
        while (granted == 0 && !cancelled && left > 0) {
          left = changed.awaitNanos(left);
        }
        if (granted == 0) {
          lane.waiting.remove(this);
        }
        return granted;
      } finally {
        lock.unlock();
      }
    }

    /// Slots granted so far, without waiting.
    public int granted() {
      lock.lock();
      try {
        return granted;
      } finally {
        lock.unlock();
      }
    }

    /// Gives up the place; slots that were granted already stay with whoever awaits them.
    public void cancel() {
      lock.lock();
      try {
        cancelled = true;
        lane.waiting.remove(this);
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  public SlotGate(int capacity) {
    this.capacity = capacity;
    for (Priority priority : Priority.values()) {
      lanes.put(priority, new Lane(stride(priority)));
    }
  }

  private static int stride(Priority priority) {
    return switch (priority) {
      case INTERACTIVE -> 4;
      case STANDARD -> 15;
      case BATCH -> 60;
    };
  }

  private Lane lane(Priority priority) {
    return Objects.requireNonNull(lanes.get(priority));
  }

  /// Queues for slots.
  ///
  /// @param most how many may be granted at once, at least 1
  public Ticket request(Priority priority, int most) {
    lock.lock();
    try {
      Lane lane = lane(priority);
      Ticket ticket = new Ticket(lane, most);
      if (lane.waiting.isEmpty()) {
        enter(lane);
      }
      lane.waiting.add(ticket);
      grant();
      return ticket;
    } finally {
      lock.unlock();
    }
  }

  /// Takes up to `most` slots that are free now and that nobody waits for; may be 0.
  public int tryTake(Priority priority, int most) {
    lock.lock();
    try {
      if (mostUrgent() != null) {
        return 0;
      }
      int taken = Math.max(0, Math.min(most, capacity - used));
      enter(lane(priority));
      charge(lane(priority), taken);
      return taken;
    } finally {
      lock.unlock();
    }
  }

  /// Ends the use of slots.
  public void release(int slots) {
    lock.lock();
    try {
      used -= slots;
      grant();
    } finally {
      lock.unlock();
    }
  }

  /// Gives back slots that were granted and not used, as if they had never been granted.
  public void giveBack(Priority priority, int slots) {
    lock.lock();
    try {
      used -= slots;
      lane(priority).pass -= (long) slots * lane(priority).stride;
      grant();
    } finally {
      lock.unlock();
    }
  }

  /// Changes how many calls may run.
  public void resize(int slots) {
    lock.lock();
    try {
      capacity = slots;
      grant();
    } finally {
      lock.unlock();
    }
  }

  public int capacity() {
    lock.lock();
    try {
      return capacity;
    } finally {
      lock.unlock();
    }
  }

  public int used() {
    lock.lock();
    try {
      return used;
    } finally {
      lock.unlock();
    }
  }

  private void grant() {
    while (used < capacity) {
      Lane next = mostUrgent();
      if (next == null) {
        return;
      }
      Ticket ticket = next.waiting.remove();
      ticket.granted = Math.min(ticket.most, capacity - used);
      charge(next, ticket.granted);
      ticket.changed.signal();
    }
  }

  private @Nullable Lane mostUrgent() {
    Lane best = null;
    for (Lane lane : lanes.values()) {
      if (!lane.waiting.isEmpty() && (best == null || lane.pass < best.pass)) {
        best = lane;
      }
    }
    return best;
  }

  /// A class that was idle has saved nothing up: it joins at the present.
  private void enter(Lane lane) {
    lane.pass = Math.max(lane.pass, virtualTime);
  }

  private void charge(Lane lane, int slots) {
    virtualTime = Math.max(virtualTime, lane.pass);
    lane.pass += (long) slots * lane.stride;
    used += slots;
  }
}
