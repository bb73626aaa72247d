package dev.sluice.router.topology;

import dev.sluice.router.topology.HeldOutputs.Held;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Write ahead: an output waits until all changelog records sent before it are acknowledged. So
/// nobody ever sees what a crash can undo (ADR 0003).
///
/// Changelog records leave when an output is to follow that somebody waits for. Patient outputs,
/// and changelog records that only such follow, wait up to 20 ms for others to leave with; order is
/// kept among both (ADR 0008).
///
/// Held records leave in order from one thread of this producer, never from a callback, and only
/// while no fence reports a second writer. `flush` returns when nothing is held and everything is
/// delivered, so that a commit covers the outputs. A changelog record that fails holds the outputs
/// for good: Streams learns of it by the record's own callback and gives the task up.
final class WriteAheadProducer extends ForwardingProducer implements Fences.Writer {
  private static final Logger LOG = LoggerFactory.getLogger(WriteAheadProducer.class);

  /// Marks a patient record on its way here; taken off before it is sent.
  static final Header PATIENT = new RecordHeader("sluice-patient", new byte[0]);

  /// How long what nobody waits for waits for company.
  private static final Duration PATIENCE = Duration.ofMillis(20);

  private static final long AWAKE = Long.MIN_VALUE;

  private static final class Entry {
    final TopicPartition log;

    /// That of its own task: the next owner of the log has another.
    final OffsetFence fence;

    boolean acknowledged;

    Entry(TopicPartition log, OffsetFence fence) {
      this.log = log;
      this.fence = fence;
    }
  }

  private final Predicate<String> isChangelog;
  private final Fences fences;
  private final long patienceNanos;
  private final LateLog late;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Deque<Entry> unacknowledged = new ArrayDeque<>();
  private final HeldOutputs held = new HeldOutputs();

  /// Changelog partitions that this producer has written.
  private final Set<TopicPartition> logs = new HashSet<>();

  private long sent;
  private long acknowledged;
  private boolean sending;

  /// When the sending thread wakes by itself.
  private long wakesAt = AWAKE;

  private int flushing;
  private boolean broken;
  private boolean lost;
  private boolean closed;

  WriteAheadProducer(Producer<byte[], byte[]> inner, Predicate<String> isChangelog, Fences fences) {
    this(inner, isChangelog, fences, PATIENCE);
  }

  WriteAheadProducer(
      Producer<byte[], byte[]> inner,
      Predicate<String> isChangelog,
      Fences fences,
      Duration patience) {
    super(inner);
    this.patienceNanos = patience.toNanos();
    this.isChangelog = isChangelog;
    this.fences = fences;
    this.late = new LateLog(inner);
    fences.add(this);
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
    TopicPartition log = logOf(record);
    Entry entry = new Entry(log, fences.of(log));
    long leavesAlone = System.nanoTime() + patienceNanos;
    Future<RecordMetadata> future;
    lock.lock();
    try {
      failIfUseless();
      logs.add(entry.log);
      unacknowledged.addLast(entry);
      sent++;
      future =
          late.add(
              record,
              (metadata, failure) -> {
                settle(entry, metadata, failure);
                if (callback != null) {
                  callback.onCompletion(metadata, failure);
                }
              },
              leavesAlone);
      wakeBy(leavesAlone);
    } finally {
      lock.unlock();
    }
    // A task that takes over waits for its first.
    if (entry.fence.awaitsFirst()) {
      late.send();
    }
    return future;
  }

  /// Kafka Streams names the partition of each changelog record.
  private static TopicPartition logOf(ProducerRecord<byte[], byte[]> record) {
    return new TopicPartition(record.topic(), Objects.requireNonNull(record.partition()));
  }

  /// Wakes the sending thread unless it is awake or wakes early enough by itself.
  private void wakeBy(long time) {
    if (asleep() && time < wakesAt) {
      changed.signalAll();
    }
  }

  private boolean asleep() {
    return wakesAt != AWAKE;
  }

  private void settle(Entry entry, @Nullable RecordMetadata metadata, @Nullable Exception failure) {
    if (failure == null && metadata != null && metadata.hasOffset()) {
      entry.fence.acknowledged(metadata.offset());
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
      if (broken || flushing > 0) {
        changed.signalAll();
      } else if (asleep()) {
        wakeBy(readyLeaveBy());
      }
    } finally {
      lock.unlock();
    }
  }

  private Future<RecordMetadata> hold(
      ProducerRecord<byte[], byte[]> record, @Nullable Callback callback) {
    Pending pending = new Pending(record, callback);
    boolean patient = record.headers().lastHeader(PATIENT.key()) != null;
    if (patient) {
      record.headers().remove(PATIENT.key());
    }
    lock.lock();
    try {
      failIfUseless();
      long leavesAlone = System.nanoTime() + (patient ? patienceNanos : 0);
      held.add(new Held(pending, sent, leavesAlone));
      if (sent == acknowledged) {
        wakeBy(leavesAlone);
      }
    } finally {
      lock.unlock();
    }
    if (!patient) {
      late.send();
    }
    return pending.future();
  }

  /// Changes what the threads of this producer look at.
  private void change(Runnable what) {
    lock.lock();
    try {
      what.run();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void cleared() {
    change(() -> {});
  }

  /// A task of this producer was given up while a second writer was suspected, or before all its
  /// transitions were logged. Nothing held here may leave any more, whichever task it is of: the
  /// thread fails, and what its tasks owe is sent again from their logs.
  @Override
  public void forgot(TopicPartition log, boolean suspected) {
    change(() -> {
      boolean unlogged = unacknowledged.stream().anyMatch(entry -> entry.log.equals(log));
      if (unlogged || (suspected && logs.contains(log))) {
        lost = true;
        broken = true;
        held.clear();
        late.drop();
      }
    });
  }

  /// What cannot be sent or flushed for good fails at once, so that the thread is replaced.
  private void failIfUseless() {
    if (closed) {
      throw new KafkaException("producer closed");
    }
    if (lost) {
      throw new SecondWriterException("a task of this producer was given up with work in flight");
    }
    if (broken) {
      throw new KafkaException("a transition was not logged, and what follows cannot be");
    }
  }

  private void pump() {
    try {
      while (awaitTime()) {
        late.send();
        for (Held output : takeReady()) {
          forward(output.pending());
        }
        change(() -> sending = false);
      }
    } catch (Throwable failure) {
      LOG.error("outputs leave no more; the router's thread is replaced", failure);
      change(() -> {
        broken = true;
        sending = false;
      });
    }
  }

  /// Waits until something has to leave; what may leave then goes with it. False when closed.
  private boolean awaitTime() {
    lock.lock();
    try {
      while (!closed) {
        long time = Math.min(late.leavesAlone(), readyLeaveBy());
        long now = System.nanoTime();
        if (time <= now) {
          sending = true;
          return true;
        }
        wakesAt = time;
        if (time == Long.MAX_VALUE) {
          changed.await();
        } else {
          var _ = changed.awaitNanos(time - now);
        }
        wakesAt = AWAKE;
      }
      return false;
    } catch (InterruptedException e) {
      throw new IllegalStateException("nobody interrupts this thread", e);
    } finally {
      lock.unlock();
    }
  }

  private List<Held> takeReady() {
    lock.lock();
    try {
      return mayLeave() ? held.takeReady(acknowledged) : List.of();
    } finally {
      lock.unlock();
    }
  }

  private boolean mayLeave() {
    return !broken && fences.clear();
  }

  /// When the first of the held records that are ready leaves at the latest; `Long.MAX_VALUE` when
  /// none is. While somebody flushes, nothing is patient.
  private long readyLeaveBy() {
    long first = mayLeave() ? held.readyLeaveBy(acknowledged) : Long.MAX_VALUE;
    return flushing > 0 && first != Long.MAX_VALUE ? Long.MIN_VALUE : first;
  }

  private void forward(Pending output) {
    try {
      Future<RecordMetadata> _ = inner().send(output.record(), output::settle);
    } catch (RuntimeException failure) {
      output.settle(null, failure);
    }
  }

  @Override
  public void flush() {
    change(() -> flushing++);
    try {
      do {
        late.send();
        awaitNothingHeld();
        inner().flush();
      } while (!nothingHeld());
    } finally {
      change(() -> flushing--);
    }
  }

  private void awaitNothingHeld() {
    lock.lock();
    try {
      while (!nothingHeld()) {
        failIfUseless();
        if (!fences.clear()) {
          // Only the stream thread, which is here, can look into the gap: let the commit fail.
          throw new SecondWriterException("a second writer was noticed before a commit");
        }
        changed.awaitUninterruptibly();
      }
      failIfUseless();
    } finally {
      lock.unlock();
    }
  }

  private boolean nothingHeld() {
    lock.lock();
    try {
      return held.isEmpty() && !sending;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    close(Duration.ofMillis(Long.MAX_VALUE));
  }

  /// What is still held is dropped: the next owner sends what follows from transitions that are in
  /// the log, and decides anew what is not.
  @Override
  public void close(Duration timeout) {
    fences.remove(this);
    change(() -> {
      closed = true;
      held.clear();
      late.drop();
    });
    inner().close(timeout);
  }
}
