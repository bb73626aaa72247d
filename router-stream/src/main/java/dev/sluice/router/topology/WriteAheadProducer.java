package dev.sluice.router.topology;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
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

/// Write ahead: changelog records go out at once, every other record waits until all changelog
/// records sent before it are acknowledged. So nobody ever sees what a crash can undo (ADR 0003).
///
/// Patient records wait up to 5 ms more, for others to leave with; order is kept.
///
/// Held records leave in order from one thread of this producer, never from a callback, and only
/// while no fence reports a second writer. `flush` returns when nothing is held and everything is
/// delivered, so that a commit covers the outputs. A changelog record that fails holds the outputs
/// for good: Streams learns of it by the record's own callback and gives the task up.
final class WriteAheadProducer extends ForwardingProducer {
  /// Marks a patient record on its way here; taken off before it is sent.
  static final Header PATIENT = new RecordHeader("sluice-patient", new byte[0]);

  /// How long a patient record waits for company.
  private static final long PATIENCE_NANOS = Duration.ofMillis(5).toNanos();

  private static final class Entry {
    boolean acknowledged;
  }

  private record Held(
      ProducerRecord<byte[], byte[]> record,
      @Nullable Callback callback,
      long after,
      long leavesAlone,
      CompletableFuture<RecordMetadata> future) {}

  private final Predicate<String> isChangelog;
  private final Fences fences;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Deque<Entry> unacknowledged = new ArrayDeque<>();
  private final Deque<Held> held = new ArrayDeque<>();

  /// Changelog partitions that have acknowledged a record of this producer.
  private final Set<TopicPartition> logs = new HashSet<>();

  private long sent;
  private long acknowledged;
  private boolean sending;
  private int flushing;
  private boolean broken;
  private boolean lost;
  private boolean closed;

  WriteAheadProducer(Producer<byte[], byte[]> inner, Predicate<String> isChangelog, Fences fences) {
    super(inner);
    this.isChangelog = isChangelog;
    this.fences = fences;
    fences.onCleared(this::released);
    fences.onLost(this::lose);
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
      failIfLost();
      unacknowledged.addLast(entry);
      sent++;
    } finally {
      lock.unlock();
    }
    return inner()
        .send(
            record,
            (metadata, failure) -> {
              settle(entry, metadata, failure);
              if (callback != null) {
                callback.onCompletion(metadata, failure);
              }
            });
  }

  private void settle(Entry entry, RecordMetadata metadata, @Nullable Exception failure) {
    TopicPartition log =
        failure == null && metadata.hasOffset()
            ? new TopicPartition(metadata.topic(), metadata.partition())
            : null;
    if (log != null) {
      fences.of(log).acknowledged(metadata.offset());
    }
    lock.lock();
    try {
      if (log != null) {
        logs.add(log);
      }
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
    boolean patient = record.headers().lastHeader(PATIENT.key()) != null;
    if (patient) {
      record.headers().remove(PATIENT.key());
    }
    lock.lock();
    try {
      if (closed) {
        throw new KafkaException("producer closed");
      }
      failIfLost();
      long now = System.nanoTime();
      held.addLast(new Held(record, callback, sent, patient ? now + PATIENCE_NANOS : now, future));
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

  /// A task of this producer was given up to a second writer. Nothing held here may leave any more,
  /// whichever task it is of: the thread fails, and what its tasks owe is sent again from their
  /// logs.
  private void lose(TopicPartition log) {
    lock.lock();
    try {
      if (logs.contains(log)) {
        lost = true;
        broken = true;
        held.clear();
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  private void failIfLost() {
    if (lost) {
      throw new SecondWriterException("another router has taken a task of this producer over");
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
        int ready = countReady();
        long patience = ready == 0 ? Long.MAX_VALUE : patienceOf(ready);
        if (patience <= 0) {
          sending = true;
          List<Held> leaving = new ArrayList<>(ready);
          for (int i = 0; i < ready; i++) {
            leaving.add(held.removeFirst());
          }
          return leaving;
        }
        var _ = changed.awaitNanos(patience);
      }
      return List.of();
    } catch (InterruptedException e) {
      throw new IllegalStateException("nobody interrupts this thread", e);
    } finally {
      lock.unlock();
    }
  }

  /// How many of the first held records have their transitions acknowledged.
  private int countReady() {
    if (broken || !fences.clear()) {
      return 0;
    }
    int ready = 0;
    for (Held output : held) {
      if (output.after() > acknowledged) {
        break;
      }
      ready++;
    }
    return ready;
  }

  /// Nanoseconds until the first of these would leave without company; none when one is urgent.
  private long patienceOf(int ready) {
    if (flushing > 0) {
      return 0;
    }
    long now = System.nanoTime();
    long least = Long.MAX_VALUE;
    for (Held output : held) {
      if (ready-- == 0) {
        break;
      }
      least = Math.min(least, output.leavesAlone() - now);
    }
    return least;
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
      Future<RecordMetadata> _ = inner().send(output.record(), done);
    } catch (KafkaException failure) {
      done.onCompletion(null, failure);
    }
  }

  @Override
  public void flush() {
    hurry(1);
    try {
      do {
        awaitNothingHeld();
        inner().flush();
      } while (!nothingHeld());
    } finally {
      hurry(-1);
    }
  }

  /// While somebody flushes, nothing is patient.
  private void hurry(int more) {
    lock.lock();
    try {
      flushing += more;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void awaitNothingHeld() {
    lock.lock();
    try {
      failIfLost();
      while (!nothingHeld()) {
        if (!fences.clear()) {
          // Only the stream thread, which is here, can look into the gap: let the commit fail.
          throw new SecondWriterException("a second writer was noticed before a commit");
        }
        changed.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }

  /// Also when nothing held can ever leave.
  private boolean nothingHeld() {
    lock.lock();
    try {
      return closed || broken || (held.isEmpty() && !sending);
    } finally {
      lock.unlock();
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
    inner().close(timeout);
  }
}
