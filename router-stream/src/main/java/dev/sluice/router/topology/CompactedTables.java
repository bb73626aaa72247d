package dev.sluice.router.topology;

import dev.sluice.runtime.kafka.ConsumerThread;
import dev.sluice.runtime.kafka.KafkaClients;
import dev.sluice.runtime.telemetry.LogKeys;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Compacted topics of one partition, which this process follows together, with one consumer, from
/// their beginning. A table says nothing before all have been read to their ends, at first and
/// after each failure; a broker that is away means only that all stays as it was. One thread reads.
final class CompactedTables implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CompactedTables.class);
  private static final Duration POLL = Duration.ofSeconds(1);
  private static final Duration END = Duration.ofSeconds(30);

  private final ConsumerThread<KafkaConsumer<byte[], byte[]>> reader;
  private final Map<TopicPartition, Table> tables;
  private volatile Runnable onFirst = () -> {};

  /// What becomes of one topic's records. All is called by the reading thread.
  interface Table {
    String topic();

    /// All records come again, from the first.
    void begin();

    /// @param value null where the key was removed
    void take(String key, byte @Nullable [] value);

    /// Everything that was there, or came together, has been taken.
    void settled();
  }

  CompactedTables(KafkaClients kafka, List<Table> tables) {
    this.reader =
        new ConsumerThread<>(
            "sluice-router-tables",
            () -> kafka.reader("sluice-router-tables", Map.of()),
            this::follow);
    this.tables =
        tables.stream()
            .collect(
                Collectors.toMap(
                    table -> new TopicPartition(table.topic(), 0), Function.identity()));
  }

  /// @param first called once, when all has been read that was there
  void start(Runnable first) {
    onFirst = first;
    reader.start();
  }

  private void follow(KafkaConsumer<byte[], byte[]> consumer) {
    consumer.assign(tables.keySet());
    consumer.seekToBeginning(tables.keySet());
    tables.values().forEach(Table::begin);
    Map<TopicPartition, Long> ends = consumer.endOffsets(tables.keySet(), END);
    while (!reader.stopping() && !reached(consumer, ends)) {
      consumer.poll(POLL).forEach(this::take);
    }
    if (reader.stopping()) {
      return;
    }
    tables.values().forEach(Table::settled);
    Runnable first = onFirst;
    onFirst = () -> {};
    first.run();
    while (!reader.stopping()) {
      var changes = consumer.poll(POLL);
      changes.forEach(this::take);
      changes.partitions().forEach(partition -> table(partition).settled());
    }
  }

  private static boolean reached(
      KafkaConsumer<byte[], byte[]> consumer, Map<TopicPartition, Long> ends) {
    return ends.entrySet().stream()
        .allMatch(end -> consumer.position(end.getKey(), END) >= end.getValue());
  }

  private Table table(TopicPartition partition) {
    return Objects.requireNonNull(tables.get(partition));
  }

  private void take(ConsumerRecord<byte[], byte[]> record) {
    if (record.key() == null) {
      return;
    }
    try {
      table(new TopicPartition(record.topic(), record.partition()))
          .take(new String(record.key(), StandardCharsets.UTF_8), record.value());
    } catch (SerializationException e) {
      LOG.atWarn()
          .addKeyValue(LogKeys.TOPIC, record.topic())
          .addKeyValue(LogKeys.OFFSET, record.offset())
          .setCause(e)
          .log("record cannot be read, all stays as it was");
    }
  }

  @Override
  public void close() {
    reader.close();
  }
}
