package dev.sluice.router.topology;

import dev.sluice.router.core.LogPosition;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/// Records that a task failed on, for no reason of Kafka's. A record is tried again by a new task,
/// from the log; one that fails each time is given up, or its partition would stand still for ever.
/// Of the whole process, and safe for several threads.
final class FailingRecords {
  /// How often a record is tried.
  static final int TRIALS = 3;

  private final Map<TopicPartition, Failures> lastByPartition = new ConcurrentHashMap<>();

  private record Failures(long offset, int count, String why) {}

  void failed(LogPosition record, RuntimeException why) {
    if (why instanceof KafkaException || why instanceof SecondWriterException) {
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
