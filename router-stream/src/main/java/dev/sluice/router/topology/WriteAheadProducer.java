package dev.sluice.router.topology;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.metrics.KafkaMetric;
import org.jspecify.annotations.Nullable;

/// Write ahead: changelog records go out at once, every other record waits until all changelog
/// records sent before it are acknowledged. So nobody ever sees what a crash can undo (ADR 0003).
///
/// Held records leave in order from one thread of this producer, never from a callback, and only
/// while no fence reports a second writer. `flush` returns when nothing is held and everything is
/// delivered, so that a commit covers the outputs. A changelog record that fails holds the outputs
/// for good: Streams learns of it by the record's own callback and gives the task up.
final class WriteAheadProducer implements Producer<byte[], byte[]> {
  private static final class Entry {
    boolean acknowledged;
  }

  private record Held(
      ProducerRecord<byte[], byte[]> record,
      @Nullable Callback callback,
      long after,
      CompletableFuture<RecordMetadata> future) {}

  private final Producer<byte[], byte[]> inner;
  private final Predicate<String> isChangelog;
  private final Fences fences;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Deque<Entry> unacknowledged = new ArrayDeque<>();
  private final Deque<Held> held = new ArrayDeque<>();
  private long sent;
  private long acknowledged;
  private boolean sending;
  private boolean broken;
  private boolean closed;

  WriteAheadProducer(Producer<byte[], byte[]> inner, Predicate<String> isChangelog, Fences fences) {
    this.inner = inner;
    this.isChangelog = isChangelog;
    this.fences = fences;
    fences.onCleared(this::released);
    Thread.ofPlatform().name("sluice-router-outputs").daemon().start(this::pump);
  }

  @Override
  public Future<RecordMetadata> send(ProducerRecord<byte[], byte[]> record) {
    return send(record, null);
  }

  @Override
  public Future<RecordMetadata> send(
      ProducerRecord<byte[], byte[]> record, @Nullable Callback callback) {
    return isChangelog.test(record.topic()) ? sendAhead(record, callback) : hold(record, callback);
  }

  private Future<RecordMetadata> sendAhead(
      ProducerRecord<byte[], byte[]> record, @Nullable Callback callback) {
    Entry entry = new Entry();
    lock.lock();
    try {
      unacknowledged.addLast(entry);
      sent++;
    } finally {
      lock.unlock();
    }
    return inner.send(
        record,
        (metadata, failure) -> {
          settle(entry, metadata, failure);
          if (callback != null) {
            callback.onCompletion(metadata, failure);
          }
        });
  }

  private void settle(Entry entry, RecordMetadata metadata, @Nullable Exception failure) {
    if (failure == null && metadata.hasOffset()) {
      fences
          .of(new TopicPartition(metadata.topic(), metadata.partition()))
          .acknowledged(metadata.offset());
    }
    lock.lock();
    try {
      if (failure != null) {
        broken = true;
      } else {
        entry.acknowledged = true;
        while (!unacknowledged.isEmpty() && unacknowledged.getFirst().acknowledged) {
          unacknowledged.removeFirst();
          acknowledged++;
        }
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private Future<RecordMetadata> hold(
      ProducerRecord<byte[], byte[]> record, @Nullable Callback callback) {
    CompletableFuture<RecordMetadata> future = new CompletableFuture<>();
    lock.lock();
    try {
      if (closed) {
        throw new KafkaException("producer closed");
      }
      held.addLast(new Held(record, callback, sent, future));
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    return future;
  }

  /// A fence has been cleared: held records may leave.
  private void released() {
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void pump() {
    while (true) {
      List<Held> ready = awaitReady();
      if (ready.isEmpty()) {
        return;
      }
      for (Held output : ready) {
        forward(output);
      }
      lock.lock();
      try {
        sending = false;
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  /// The next records that may leave; none when closed.
  private List<Held> awaitReady() {
    lock.lock();
    try {
      while (!closed) {
        List<Held> ready = takeReady();
        if (!ready.isEmpty()) {
          sending = true;
          return ready;
        }
        changed.awaitUninterruptibly();
      }
      return List.of();
    } finally {
      lock.unlock();
    }
  }

  private List<Held> takeReady() {
    if (broken || held.isEmpty() || held.getFirst().after() > acknowledged || !fences.clear()) {
      return List.of();
    }
    List<Held> ready = new ArrayList<>();
    while (!held.isEmpty() && held.getFirst().after() <= acknowledged) {
      ready.add(held.removeFirst());
    }
    return ready;
  }

  private void forward(Held output) {
    Callback done =
        (metadata, failure) -> {
          if (output.callback() != null) {
            output.callback().onCompletion(metadata, failure);
          }
          if (failure == null) {
            output.future().complete(metadata);
          } else {
            output.future().completeExceptionally(failure);
          }
        };
    try {
      Future<RecordMetadata> _ = inner.send(output.record(), done);
    } catch (KafkaException failure) {
      done.onCompletion(null, failure);
    }
  }

  @Override
  public void flush() {
    while (true) {
      lock.lock();
      try {
        while (!closed && !broken && (sending || !held.isEmpty())) {
          if (!fences.clear()) {
            // Only the stream thread, which is here, can look into the gap: let the commit fail.
            throw new SecondWriterException("a second writer was noticed before a commit");
          }
          changed.awaitUninterruptibly();
        }
      } finally {
        lock.unlock();
      }
      inner.flush();
      lock.lock();
      try {
        if (closed || broken || (held.isEmpty() && !sending)) {
          return;
        }
      } finally {
        lock.unlock();
      }
    }
  }

  @Override
  public void close() {
    close(Duration.ofMillis(Long.MAX_VALUE));
  }

  /// What is still held is dropped: its transitions are in the log, so the next owner sends it.
  @Override
  public void close(Duration timeout) {
    lock.lock();
    try {
      closed = true;
      held.clear();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    inner.close(timeout);
  }

  @Override
  public void initTransactions() {
    inner.initTransactions();
  }

  @Override
  public void beginTransaction() {
    inner.beginTransaction();
  }

  @Override
  public void sendOffsetsToTransaction(
      Map<TopicPartition, OffsetAndMetadata> offsets, ConsumerGroupMetadata group) {
    inner.sendOffsetsToTransaction(offsets, group);
  }

  @Override
  public void commitTransaction() {
    inner.commitTransaction();
  }

  @Override
  public void abortTransaction() {
    inner.abortTransaction();
  }

  @Override
  public void registerMetricForSubscription(KafkaMetric metric) {
    inner.registerMetricForSubscription(metric);
  }

  @Override
  public void unregisterMetricFromSubscription(KafkaMetric metric) {
    inner.unregisterMetricFromSubscription(metric);
  }

  @Override
  public List<PartitionInfo> partitionsFor(String topic) {
    return inner.partitionsFor(topic);
  }

  @Override
  public Map<MetricName, ? extends Metric> metrics() {
    return inner.metrics();
  }

  @Override
  public Uuid clientInstanceId(Duration timeout) {
    return inner.clientInstanceId(timeout);
  }
}
