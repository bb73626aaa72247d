package dev.sluice.runtime.keys;

import dev.sluice.contract.model.IssuedKey;
import dev.sluice.contract.serde.RecordSerdes;
import dev.sluice.runtime.kafka.ConsumerThread;
import dev.sluice.runtime.kafka.KafkaClients;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.errors.SerializationException;
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

  private final ConsumerThread<Consumer<byte[], byte[]>> reader;
  private final KeyTopic topic;
  private final Counter rejected;
  private final java.util.function.Consumer<Collection<IssuedKey>> listener;

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
    this.reader = new ConsumerThread<>("sluice-key-view", consumers, this::read);
    this.topic = new KeyTopic(serdes);
    this.listener = listener;
    this.rejected =
        Counter.builder("sluice.keys.rejected")
            .description("records of issued keys that could not be used")
            .register(meters);
  }

  /// Begins to read. A second call does nothing.
  public void start() {
    reader.start();
  }

  private void read(Consumer<byte[], byte[]> consumer) {
    var partition = List.of(KeyTopic.PARTITION);
    consumer.assign(partition);
    consumer.seekToBeginning(partition);
    long end = Objects.requireNonNull(consumer.endOffsets(partition, END).get(KeyTopic.PARTITION));
    Map<String, IssuedKey> keys = new HashMap<>();
    while (!reader.stopping() && consumer.position(KeyTopic.PARTITION, END) < end) {
      take(consumer.poll(POLL), keys);
    }
    tell(keys);
    while (!reader.stopping()) {
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
    if (!reader.stopping()) {
      listener.accept(List.copyOf(keys.values()));
    }
  }

  /// Stops reading.
  @Override
  public void close() {
    reader.close();
  }
}
