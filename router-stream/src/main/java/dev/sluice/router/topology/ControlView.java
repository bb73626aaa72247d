package dev.sluice.router.topology;

import dev.sluice.contract.avro.ControlRecord;
import dev.sluice.contract.codec.ControlCodec;
import dev.sluice.contract.model.Control;
import dev.sluice.contract.model.Controls;
import dev.sluice.contract.topic.Topics;
import dev.sluice.runtime.kafka.ConsumerThread;
import dev.sluice.runtime.kafka.KafkaClients;
import dev.sluice.runtime.telemetry.LogKeys;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serde;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What is held back, as this process follows it in its topic. Nothing is told before the topic has
/// been read to its end, at first and after each failure: a router that did not know yet what is
/// paused would release it. A broker that is away means only that all stays as it was. One thread
/// reads; [#current] may be called by any.
final class ControlView implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ControlView.class);
  private static final Duration POLL = Duration.ofSeconds(1);
  private static final Duration END = Duration.ofSeconds(30);
  private static final TopicPartition PARTITION = new TopicPartition(Topics.CONTROLS.name(), 0);

  private final ConsumerThread<KafkaConsumer<byte[], byte[]>> reader;
  private final Serde<ControlRecord> serde;
  private final Consumer<Controls> listener;
  private volatile Controls current = Controls.NONE;
  private volatile Runnable onFirst = () -> {};

  /// @param listener told of each change, on the view's own thread; it must be quick
  ControlView(KafkaClients kafka, Serde<ControlRecord> serde, Consumer<Controls> listener) {
    this.reader =
        new ConsumerThread<>(
            "sluice-router-controls",
            () -> kafka.reader("sluice-router-controls", Map.of()),
            this::follow);
    this.serde = serde;
    this.listener = listener;
  }

  /// @param first called once, when all has been read that was there
  void start(Runnable first) {
    onFirst = first;
    reader.start();
  }

  /// The same instance until something changes.
  Controls current() {
    return current;
  }

  private void follow(KafkaConsumer<byte[], byte[]> consumer) {
    List<TopicPartition> partition = List.of(PARTITION);
    consumer.assign(partition);
    consumer.seekToBeginning(partition);
    long end = Objects.requireNonNull(consumer.endOffsets(partition, END).get(PARTITION));
    Map<String, Control> known = new HashMap<>();
    while (!reader.stopping() && consumer.position(PARTITION, END) < end) {
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
        take(record, known);
      }
    }
    if (reader.stopping()) {
      return;
    }
    become(Controls.of(known.values()));
    Runnable first = onFirst;
    onFirst = () -> {};
    first.run();
    while (!reader.stopping()) {
      var changes = consumer.poll(POLL);
      if (!changes.isEmpty()) {
        changes.forEach(record -> take(record, known));
        become(Controls.of(known.values()));
      }
    }
  }

  private void become(Controls now) {
    current = now;
    listener.accept(now);
  }

  private void take(ConsumerRecord<byte[], byte[]> record, Map<String, Control> known) {
    if (record.key() == null) {
      return;
    }
    String key = new String(record.key(), StandardCharsets.UTF_8);
    if (record.value() == null) {
      known.remove(key);
      return;
    }
    try {
      ControlCodec.control(serde.deserializer().deserialize(PARTITION.topic(), record.value()))
          .ifPresent(control -> known.put(key, control));
    } catch (SerializationException e) {
      LOG.atWarn()
          .addKeyValue(LogKeys.OFFSET, record.offset())
          .setCause(e)
          .log("control cannot be read, all stays as it was");
    }
  }

  @Override
  public void close() {
    reader.close();
  }
}
