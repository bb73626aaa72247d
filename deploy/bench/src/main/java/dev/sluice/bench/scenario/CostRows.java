package dev.sluice.bench.scenario;

import dev.sluice.bench.process.SluiceProcess;
import dev.sluice.contract.avro.CostKind;
import dev.sluice.contract.avro.CostRow;
import dev.sluice.contract.serde.RecordSerdes;
import dev.sluice.contract.serde.SchemaRegistrySettings;
import dev.sluice.contract.topic.Topics;
import dev.sluice.runtime.kafka.KafkaClients;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/// The charges as finance reads them: committed rows of `sluice.costs` from the start, each with
/// the moment it could be read. One thread reads; the rest may be called by any.
final class CostRows implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(100);

  private final RecordSerdes serdes;
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final Map<String, Long> readAt = new ConcurrentHashMap<>();
  private final Map<String, Integer> charges = new ConcurrentHashMap<>();
  private final Thread thread;
  private volatile boolean closed;

  CostRows(SluiceProcess sluice) {
    serdes = RecordSerdes.from(SchemaRegistrySettings.at(sluice.admin()));
    consumer =
        new KafkaClients(sluice.kafka(), Map.of())
            .reader(
                "sluice-bench-costs",
                Map.of(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed"));
    List<TopicPartition> all =
        consumer.partitionsFor(Topics.COSTS.name()).stream()
            .map(one -> new TopicPartition(one.topic(), one.partition()))
            .toList();
    consumer.assign(all);
    consumer.seekToBeginning(all);
    thread = Thread.ofPlatform().name("bench-costs").daemon().start(this::read);
  }

  private void read() {
    var rows = serdes.forRecord(CostRow.class).deserializer();
    while (!closed) {
      for (var record : consumer.poll(POLL)) {
        long now = System.nanoTime();
        CostRow row = rows.deserialize(record.topic(), record.value());
        if (row.getKind() == CostKind.charge) {
          readAt.putIfAbsent(row.getJobId(), now);
          charges.merge(row.getJobId(), 1, Integer::sum);
        }
      }
    }
    consumer.close();
    serdes.close();
  }

  /// When the charge of each job could be read, `System.nanoTime`.
  Map<String, Long> readAt() {
    return new HashMap<>(readAt);
  }

  /// Whether no job was charged twice.
  boolean chargesOnce() {
    return charges.values().stream().allMatch(count -> count == 1);
  }

  @Override
  public void close() {
    closed = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
