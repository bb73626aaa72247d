package dev.sluice.router.topology;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Future;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

/// Changelog records that wait for the next one that something urgent hangs on. They leave in the
/// order in which they were added, whichever thread sends them.
///
/// When one fails, all after it fail too: those that lie in Kafka's buffer by closing its producer,
/// those on their way since the broker takes none whose number does not follow. None fails as a
/// timeout, after which Kafka Streams would bring the task to life again on this same producer,
/// which lacks the record.
final class LateLog {
  private record Waiting(Pending pending, long leavesAlone) {}

  private final Producer<byte[], byte[]> producer;
  private final Deque<Waiting> waiting = new ArrayDeque<>();
  private final ReentrantLock order = new ReentrantLock();
  private volatile boolean failed;

  LateLog(Producer<byte[], byte[]> producer) {
    this.producer = producer;
  }

  /// @param leavesAlone when it leaves at the latest, of [System#nanoTime]
  synchronized Future<RecordMetadata> add(
      ProducerRecord<byte[], byte[]> record, Callback callback, long leavesAlone) {
    Pending pending = new Pending(record, callback);
    waiting.addLast(new Waiting(pending, leavesAlone));
    return pending.future();
  }

  /// When the first of them leaves at the latest; `Long.MAX_VALUE` when there is none.
  synchronized long leavesAlone() {
    return waiting.isEmpty() ? Long.MAX_VALUE : waiting.getFirst().leavesAlone();
  }

  synchronized void drop() {
    waiting.clear();
  }

  private synchronized @Nullable Pending next() {
    Waiting first = waiting.pollFirst();
    return first == null ? null : first.pending();
  }

  /// Sends all of them.
  void send() {
    order.lock();
    try {
      for (Pending next = next(); next != null; next = next()) {
        send(next);
      }
    } finally {
      order.unlock();
    }
  }

  private void send(Pending next) {
    if (failed) {
      settle(next, null, new KafkaException("a transition before it was not logged"));
      return;
    }
    try {
      Future<RecordMetadata> _ =
          producer.send(next.record(), (metadata, failure) -> settle(next, metadata, failure));
    } catch (RuntimeException failure) {
      settle(next, null, failure);
    }
  }

  private void settle(
      Pending sent, @Nullable RecordMetadata metadata, @Nullable Exception failure) {
    if (failure == null) {
      sent.settle(metadata, null);
    } else {
      boolean first = !failed;
      failed = true;
      sent.settle(metadata, new KafkaException("a transition was not logged", failure));
      if (first) {
        producer.close(Duration.ZERO);
      }
    }
  }
}
