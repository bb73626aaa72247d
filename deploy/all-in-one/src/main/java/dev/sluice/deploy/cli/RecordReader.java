package dev.sluice.deploy.cli;

import dev.sluice.runtime.kafka.KafkaClients;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/// Reads single records by their place.
final class RecordReader implements AutoCloseable {
  private static final Duration ANSWER = Duration.ofSeconds(10);

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final Set<TopicPartition> existing = new HashSet<>();
  private final Map<TopicPartition, Long> ends = new HashMap<>();

  RecordReader(KafkaClients kafka) {
    consumer =
        kafka.reader(
            "sluice-cli",
            Map.of(
                "max.poll.records", 1,
                "fetch.max.wait.ms", 100,
                "allow.auto.create.topics", false));
    consumer
        .listTopics(ANSWER)
        .forEach((topic, partitions) ->
            partitions.forEach(one -> existing.add(new TopicPartition(topic, one.partition()))));
  }

  boolean exists(TopicPartition partition) {
    return existing.contains(partition);
  }

  /// The record at an offset; empty when retention or compaction has removed it, or it never was.
  Optional<ConsumerRecord<byte[], byte[]>> find(TopicPartition partition, long offset) {
    if (!exists(partition)) {
      return Optional.empty();
    }
    var wanted = List.of(partition);
    long first = Objects.requireNonNull(consumer.beginningOffsets(wanted, ANSWER).get(partition));
    long end =
        ends.computeIfAbsent(
            partition, one -> Objects.requireNonNull(consumer.endOffsets(wanted, ANSWER).get(one)));
    if (offset < first || offset >= end) {
      return Optional.empty();
    }
    consumer.assign(wanted);
    consumer.seek(partition, offset);
    long giveUpAt = System.nanoTime() + ANSWER.toNanos();
    while (System.nanoTime() < giveUpAt && consumer.position(partition, ANSWER) < end) {
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
        return record.offset() == offset ? Optional.of(record) : Optional.empty();
      }
    }
    return Optional.empty();
  }

  @Override
  public void close() {
    consumer.close();
  }
}
