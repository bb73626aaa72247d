package dev.sluice.router.topology;

import dev.sluice.contract.model.Priority;
import dev.sluice.contract.topic.Topics;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.streams.processor.TimestampExtractor;

/// The router's inputs and their order in the position vector. The order is part of the log format.
final class Inputs {
  static final List<String> TOPICS =
      List.of(
          Topics.COMMANDS.name(),
          Topics.jobs(Priority.INTERACTIVE).name(),
          Topics.jobs(Priority.STANDARD).name(),
          Topics.jobs(Priority.BATCH).name());

  static final int COUNT = TOPICS.size();

  static final int COMMANDS = 0;

  /// How much older a record must be to be read before one of the input above it, milliseconds.
  private static final long HANDICAP_MILLIS = 10_000;

  private Inputs() {}

  static int index(String topic) {
    int index = TOPICS.indexOf(topic);
    if (index < 0) {
      throw new IllegalArgumentException("not an input: " + topic);
    }
    return index;
  }

  /// When the broker took an input record, milliseconds of the epoch.
  ///
  /// @param urgency the record's time as Streams knows it
  static long appendedAt(String topic, long urgency) {
    return urgency - HANDICAP_MILLIS * index(topic);
  }

  /// Kafka Streams reads the input with the lowest timestamp first. With the broker's append time
  /// plus a handicap by input, a hundred thousand batch submissions do not delay an outcome, and no
  /// input starves: a record that has waited its handicap is as urgent as any.
  static final class ByUrgency implements TimestampExtractor {
    @Override
    public long extract(ConsumerRecord<Object, Object> record, long partitionTime) {
      return Math.max(0, record.timestamp()) + HANDICAP_MILLIS * index(record.topic());
    }
  }
}
