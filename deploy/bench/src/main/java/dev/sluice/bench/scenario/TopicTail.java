package dev.sluice.bench.scenario;

import dev.sluice.bench.process.SluiceProcess;
import dev.sluice.contract.serde.RecordSerdes;
import dev.sluice.contract.serde.SchemaRegistrySettings;
import dev.sluice.runtime.kafka.KafkaClients;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/// Reads the committed records of a topic from the start, on a thread of its own, and tells each as
/// soon as it can be read.
final class TopicTail<R extends SpecificRecord> implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(100);

  private final String topic;
  private final Class<R> type;
  private final Taker<R> taker;
  private final RecordSerdes serdes;
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final Thread thread;
  private volatile boolean closed;

  /// Takes a record on the tail's thread.
  interface Taker<R> {
    void take(ConsumerRecord<byte[], byte[]> record, R value);
  }

  TopicTail(SluiceProcess sluice, String topic, Class<R> type, Taker<R> taker) {
    this.topic = topic;
    this.type = type;
    this.taker = taker;
    serdes = RecordSerdes.from(SchemaRegistrySettings.at(sluice.admin()));
    consumer =
        new KafkaClients(sluice.kafka(), Map.of())
            .reader(
                "sluice-bench-" + topic,
                Map.of(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed"));
    List<TopicPartition> all =
        consumer.partitionsFor(topic).stream()
            .map(one -> new TopicPartition(one.topic(), one.partition()))
            .toList();
    consumer.assign(all);
    consumer.seekToBeginning(all);
    thread = Thread.ofPlatform().name("bench-" + topic).daemon().start(this::read);
  }

  private void read() {
    var values = serdes.forRecord(type).deserializer();
    while (!closed) {
      for (var record : consumer.poll(POLL)) {
        if (record.value() != null) {
          taker.take(record, values.deserialize(topic, record.value()));
        }
      }
    }
    consumer.close();
    serdes.close();
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
