package dev.sluice.ingress.kafka;

import dev.sluice.ingress.log.LogUnavailableException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.apache.kafka.common.TopicPartition;

/// How far a tail has come, and those who wait for it to come further. Told by the tail's thread;
/// waited for by any.
final class TailProgress {
  private final Map<TopicPartition, Long> applied = new ConcurrentHashMap<>();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private volatile boolean stopping;

  /// The records of a partition before `next` have been applied.
  void applied(TopicPartition partition, long next) {
    applied.put(partition, next);
  }

  /// The offset up to which a partition has been applied.
  long of(TopicPartition partition) {
    return applied.getOrDefault(partition, 0L);
  }

  boolean reached(Map<TopicPartition, Long> ends) {
    for (var end : ends.entrySet()) {
      if (of(end.getKey()) < end.getValue()) {
        return false;
      }
    }
    return true;
  }

  /// Lets those who wait look again.
  void signal() {
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// Nothing more will come.
  void stop() {
    stopping = true;
    signal();
  }

  boolean stopping() {
    return stopping;
  }

  /// Waits until something holds that changes only before a [#signal()].
  ///
  /// @param late what to tell whoever waited in vain
  /// @throws LogUnavailableException when it does not hold in time, or the tail stops
  void await(BooleanSupplier condition, Duration longest, String late) {
    long until = System.nanoTime() + longest.toNanos();
    lock.lock();
    try {
      while (!condition.getAsBoolean()) {
        long left = until - System.nanoTime();
        if (left <= 0 || stopping) {
          throw new LogUnavailableException(late);
        }
        var _ = changed.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LogUnavailableException("the ingress is stopping", e);
    } finally {
      lock.unlock();
    }
  }
}
