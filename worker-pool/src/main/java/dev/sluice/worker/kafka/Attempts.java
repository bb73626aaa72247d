package dev.sluice.worker.kafka;

import dev.sluice.contract.avro.InboxMessage;
import dev.sluice.worker.kafka.AttemptSignal.Stop;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// The claims of this worker that have no outcome yet, by claim id: where verdicts and cancels find
/// them. Safe for use by many threads.
public final class Attempts {
  private final ConcurrentHashMap<Long, Entry> entryByClaim = new ConcurrentHashMap<>();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  private record Entry(ClaimedWork claimed, AttemptSignal signal) {}

  AttemptSignal add(ClaimedWork claimed) {
    AttemptSignal signal = new AttemptSignal();
    entryByClaim.put(claimed.claimId(), new Entry(claimed, signal));
    return signal;
  }

  void remove(ClaimedWork claimed) {
    entryByClaim.remove(claimed.claimId());
    if (entryByClaim.isEmpty()) {
      lock.lock();
      try {
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  /// How many claims have no outcome yet.
  public int count() {
    return entryByClaim.size();
  }

  /// Tells the attempt what the router said; a message for a claim that has ended is no news.
  public void deliver(InboxMessage message) {
    Entry entry = entryByClaim.get(message.getClaimId());
    if (entry == null
        || entry.claimed.work().getAttempt() != message.getAttempt()
        || !entry.claimed.jobId().equals(message.getJobId())) {
      return;
    }
    switch (message.getVerdict()) {
      case RUN -> entry.signal.run(message.getAsk());
      case DROP -> entry.signal.stop(Stop.DROPPED);
      case CANCEL -> entry.signal.stop(Stop.CANCELLED);
      case UNKNOWN -> {
        // A newer router's word: without its meaning the attempt goes on as it was told before.
      }
    }
  }

  /// Ends all attempts, since this worker leaves.
  public void stopAll() {
    entryByClaim.values().forEach(entry -> entry.signal.stop(Stop.LEAVING));
  }

  /// Waits until every claim has its outcome. Answers whether that came in time.
  public boolean awaitNone(Duration time) throws InterruptedException {
    long left = time.toNanos();
    lock.lockInterruptibly();
    try {
      while (!entryByClaim.isEmpty()) {
        if (left <= 0) {
          return false;
        }
        left = changed.awaitNanos(left);
      }
      return true;
    } finally {
      lock.unlock();
    }
  }
}
