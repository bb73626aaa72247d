package dev.sluice.runtime.keys;

import dev.sluice.contract.model.IssuedKey;
import dev.sluice.contract.serde.RecordSerdes;
import dev.sluice.contract.serde.SchemaRegistryException;
import dev.sluice.runtime.kafka.KafkaClients;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The issued keys, as this process follows them in their topic: a change is known to every process
/// within milliseconds.
///
/// Nothing is told before the topic has been read to its end, at first and after each failure, so
/// that a revoked key never opens anything again while the topic is read anew. One thread owns the
/// consumer. A broker that is away means only that the keys stay as they were; a record that cannot
/// be used is counted and logged, and its key stays as it was too.
public final class KeyView implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(KeyView.class);
  private static final Duration POLL = Duration.ofSeconds(1);
  private static final Duration END = Duration.ofSeconds(30);
  private static final Duration PAUSE = Duration.ofMillis(500);
  private static final Duration CLOSE = Duration.ofSeconds(5);

  private final Supplier<Consumer<byte[], byte[]>> consumers;
  private final KeyTopic topic;
  private final Counter rejected;
  private final java.util.function.Consumer<Collection<IssuedKey>> listener;

  private volatile boolean closed;
  private volatile @Nullable Consumer<byte[], byte[]> open;
  private @Nullable Thread thread;

  /// @param listener told all keys, revoked ones included, once they are read and after each
  ///   change, on the view's own thread; it must be quick
  public KeyView(
      KafkaClients kafka,
      RecordSerdes serdes,
      MeterRegistry meters,
      java.util.function.Consumer<Collection<IssuedKey>> listener) {
    this(() -> KeyTopic.consumer(kafka, Map.of()), serdes, meters, listener);
  }

  KeyView(
      Supplier<Consumer<byte[], byte[]>> consumers,
      RecordSerdes serdes,
      MeterRegistry meters,
      java.util.function.Consumer<Collection<IssuedKey>> listener) {
    this.consumers = consumers;
    this.topic = new KeyTopic(serdes);
    this.listener = listener;
    this.rejected =
        Counter.builder("sluice.keys.rejected")
            .description("records of issued keys that could not be used")
            .register(meters);
  }

  /// Begins to read. A second call does nothing.
  public synchronized void start() {
    if (thread == null && !closed) {
      thread = Thread.ofPlatform().name("sluice-key-view").daemon().start(this::follow);
    }
  }

  private void follow() {
    while (!closed) {
      try (Consumer<byte[], byte[]> consumer = consumers.get()) {
        open = consumer;
        read(consumer);
      } catch (WakeupException | InterruptException e) {
        LOG.atDebug().log("key view told to stop");
      } catch (KafkaException | SchemaRegistryException e) {
        // Authorization, a broken connection, a registry that is away: begin again from the start.
        LOG.atWarn().setCause(e).log("issued keys cannot be read, trying again");
        LockSupport.parkNanos(PAUSE.toNanos());
      } finally {
        open = null;
      }
    }
  }

  private void read(Consumer<byte[], byte[]> consumer) {
    var partition = List.of(KeyTopic.PARTITION);
    consumer.assign(partition);
    consumer.seekToBeginning(partition);
    long end = Objects.requireNonNull(consumer.endOffsets(partition, END).get(KeyTopic.PARTITION));
    Map<String, IssuedKey> keys = new HashMap<>();
    while (!closed && consumer.position(KeyTopic.PARTITION, END) < end) {
      take(consumer.poll(POLL), keys);
    }
    tell(keys);
    while (!closed) {
      ConsumerRecords<byte[], byte[]> changes = consumer.poll(POLL);
      if (!changes.isEmpty()) {
        take(changes, keys);
        tell(keys);
      }
    }
  }

  private void take(ConsumerRecords<byte[], byte[]> records, Map<String, IssuedKey> keys) {
    for (ConsumerRecord<byte[], byte[]> record : records) {
      try {
        topic.take(record, keys);
      } catch (SerializationException e) {
        rejected.increment();
        LOG.atWarn()
            .addKeyValue("offset", record.offset())
            .setCause(e)
            .log("record of an issued key cannot be used, the key stays as it was");
      }
    }
  }

  private void tell(Map<String, IssuedKey> keys) {
    if (!closed) {
      listener.accept(List.copyOf(keys.values()));
    }
  }

  /// Stops reading.
  @Override
  public void close() {
    Thread running;
    synchronized (this) {
      closed = true;
      running = thread;
    }
    if (running == null) {
      return;
    }
    var consumer = open;
    if (consumer != null) {
      consumer.wakeup();
    }
    LockSupport.unpark(running);
    try {
      running.join(CLOSE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
