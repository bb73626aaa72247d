package dev.sluice.deploy.cli;

import dev.sluice.contract.avro.DeadLetter;
import dev.sluice.contract.topic.Topics;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.Deserializer;

/// Reads `sluice.dlq`: the letters, and the notes of those that were written again.
final class LetterBox {
  private static final String TOPIC = Topics.DLQ.name();
  private static final Duration ANSWER = Duration.ofSeconds(10);
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration SILENCE = Duration.ofSeconds(30);

  /// How far the clock of whoever set a record aside may be ahead of the broker's.
  private static final Duration CLOCK_MARGIN = Duration.ofHours(1);

  private final LogOptions.OpenLog log;
  private final Deserializer<DeadLetter> deserializer;
  private final Set<LetterId> redriven = new HashSet<>();
  private int unreadable;

  LetterBox(LogOptions.OpenLog log) {
    this.log = log;
    this.deserializer = log.serdes().forRecord(DeadLetter.class).deserializer();
  }

  /// Reads all that was set aside since a time, oldest first within a partition.
  void read(Optional<Instant> since, Consumer<Letter> letters) {
    Map<String, Object> overrides =
        Map.of("fetch.max.wait.ms", 10, "allow.auto.create.topics", false);
    try (KafkaConsumer<byte[], byte[]> consumer = log.kafka().reader("sluice-cli", overrides)) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(TOPIC, ANSWER).stream()
              .map(found -> new TopicPartition(TOPIC, found.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      since.ifPresent(time -> seek(consumer, partitions, time.minus(CLOCK_MARGIN)));
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions, ANSWER);
      long heardAt = System.nanoTime();
      while (partitions.stream().anyMatch(one -> behind(consumer, one, ends))) {
        var records = consumer.poll(POLL);
        records.forEach(record -> take(record, letters));
        if (!records.isEmpty()) {
          heardAt = System.nanoTime();
        } else if (System.nanoTime() - heardAt > SILENCE.toNanos()) {
          throw new CommandFailure(ExitCode.TIMED_OUT, TOPIC + " cannot be read to its end");
        }
      }
    } catch (TimeoutException e) {
      throw new CommandFailure(ExitCode.TIMED_OUT, "Kafka does not answer: " + e.getMessage());
    }
  }

  private static void seek(
      KafkaConsumer<byte[], byte[]> consumer, List<TopicPartition> partitions, Instant time) {
    Map<TopicPartition, Long> times = new HashMap<>();
    partitions.forEach(one -> times.put(one, Math.max(0, time.toEpochMilli())));
    consumer
        .offsetsForTimes(times, ANSWER)
        .forEach((partition, found) -> {
          if (found == null) {
            consumer.seekToEnd(List.of(partition));
          } else {
            consumer.seek(partition, found.offset());
          }
        });
  }

  private static boolean behind(
      KafkaConsumer<byte[], byte[]> consumer, TopicPartition one, Map<TopicPartition, Long> ends) {
    return consumer.position(one, ANSWER) < Objects.requireNonNull(ends.get(one));
  }

  private void take(ConsumerRecord<byte[], byte[]> record, Consumer<Letter> letters) {
    try {
      DeadLetter found = deserializer.deserialize(TOPIC, record.value());
      if (found == null) {
        unreadable++;
      } else if (found.getRedrives() == null) {
        letters.accept(Letter.of(new LetterId(record.partition(), record.offset()), found));
      } else {
        redriven.add(LetterId.parse(found.getRedrives()));
      }
    } catch (SerializationException | CommandFailure e) {
      unreadable++;
    }
  }

  /// Whether a letter was written again, as far as has been read.
  boolean redriven(LetterId id) {
    return redriven.contains(id);
  }

  /// Records of the topic that are no letters, count.
  int unreadable() {
    return unreadable;
  }

  /// One letter as it is in the topic; empty when there is none.
  Optional<DeadLetter> find(LetterId id, RecordReader reader) {
    return reader
        .find(new TopicPartition(TOPIC, id.partition()), id.offset())
        .map(record -> deserializer.deserialize(TOPIC, record.value()))
        .filter(letter -> letter.getRedrives() == null);
  }
}
