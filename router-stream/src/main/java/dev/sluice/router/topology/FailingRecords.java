package dev.sluice.router.topology;

import dev.sluice.contract.serde.SchemaRegistryException;
import dev.sluice.router.core.LogPosition;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;

/// Records that a task failed on while Kafka and the schema registry were there. A record is tried
/// again by a new task, from the log; one that fails each time is given up, or its partition would
/// stand still for ever. Of the whole process, and safe for several threads.
final class FailingRecords {
  /// How often a record is tried.
  static final int TRIALS = 3;

  private final Map<TopicPartition, Failures> lastByPartition = new ConcurrentHashMap<>();

  private record Failures(long offset, int count, String why) {}

  void failed(LogPosition record, RuntimeException why) {
    if (!isOfRecord(why)) {
      return;
    }
    lastByPartition.merge(
        partition(record),
        new Failures(record.offset(), 1, why.toString()),
        (before, now) ->
            before.offset == now.offset
                ? new Failures(now.offset, before.count + 1, now.why)
                : now);
  }

  /// Whether a new try may not help: neither Kafka nor the schema registry was away.
  private static boolean isOfRecord(RuntimeException why) {
    return switch (why) {
      case SerializationException _ -> true;
      case KafkaException _, SecondWriterException _ -> false;
      case SchemaRegistryException registry -> !registry.transientFault();
      default -> true;
    };
  }

  /// Why a record is to be set aside untried; empty when it is not.
  Optional<String> givenUp(LogPosition record) {
    return Optional.ofNullable(lastByPartition.get(partition(record)))
        .filter(last -> last.offset == record.offset() && last.count >= TRIALS)
        .map(last -> "the router failed on it " + last.count + " times: " + last.why);
  }

  private static TopicPartition partition(LogPosition record) {
    return new TopicPartition(record.topic(), record.partition());
  }
}
