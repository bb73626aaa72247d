package dev.sluice.router.topology;

import dev.sluice.router.core.LogPosition;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/// Reads records of the log again by position: the log is where bodies live. Used at takeover and
/// in rare cases, never on the ordinary path. Owned by one thread.
final class LogReader implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(250);
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private final Supplier<KafkaConsumer<byte[], byte[]>> consumers;
  private @Nullable KafkaConsumer<byte[], byte[]> consumer;

  /// Where the partition ended that was read last, when it was last looked at.
  private long knownEnd;

  LogReader(Supplier<KafkaConsumer<byte[], byte[]>> consumers) {
    this.consumers = consumers;
  }

  /// The values at positions. A position whose record retention has removed is left out.
  Map<LogPosition, byte[]> read(Collection<LogPosition> positions) {
    Map<LogPosition, byte[]> found = new HashMap<>();
    Map<TopicPartition, List<LogPosition>> byPartition =
        positions.stream()
            .distinct()
            .collect(
                Collectors.groupingBy(
                    position -> new TopicPartition(position.topic(), position.partition())));
    byPartition.forEach((partition, wanted) -> {
      List<LogPosition> sorted =
          wanted.stream().sorted(Comparator.comparingLong(LogPosition::offset)).toList();
      readPartition(partition, sorted, found);
    });
    return found;
  }

  private void readPartition(
      TopicPartition partition, List<LogPosition> sorted, Map<LogPosition, byte[]> found) {
    int next = 0;
    while (next < sorted.size()) {
      long wanted = sorted.get(next).offset();
      for (ConsumerRecord<byte[], byte[]> record : fetch(partition, wanted)) {
        while (next < sorted.size() && sorted.get(next).offset() < record.offset()) {
          next++;
        }
        if (next < sorted.size()
            && sorted.get(next).offset() == record.offset()
            && record.value() != null) {
          found.put(sorted.get(next), record.value());
          next++;
        }
      }
      if (next < sorted.size() && sorted.get(next).offset() == wanted) {
        // Nothing at or after it came: it is gone.
        next++;
      }
    }
  }

  private Iterable<ConsumerRecord<byte[], byte[]>> fetch(TopicPartition partition, long offset) {
    KafkaConsumer<byte[], byte[]> reader = consumer();
    go(reader, partition, offset);
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (reader.position(partition) < knownEnd) {
      var records = reader.poll(POLL);
      if (!records.isEmpty()) {
        return records;
      }
      if (System.nanoTime() > deadline) {
        throw new KafkaException("could not read " + partition + " at " + offset);
      }
    }
    return List.of();
  }

  /// To a position, unless the reader stands there: then it may have the next records already.
  private void go(KafkaConsumer<byte[], byte[]> reader, TopicPartition partition, long offset) {
    boolean elsewhere = !reader.assignment().contains(partition);
    if (elsewhere) {
      reader.assign(List.of(partition));
    }
    if (elsewhere || reader.position(partition) != offset) {
      reader.seek(partition, offset);
    }
    if (elsewhere || offset >= knownEnd) {
      knownEnd = endOffset(partition);
    }
  }

  /// Reads a range of one partition, in order.
  void scan(
      TopicPartition partition, long from, long to, Consumer<ConsumerRecord<byte[], byte[]>> sink) {
    long next = from;
    while (next < to) {
      long before = next;
      for (ConsumerRecord<byte[], byte[]> record : fetch(partition, next)) {
        if (record.offset() < to) {
          sink.accept(record);
        }
        next = record.offset() + 1;
      }
      if (next == before) {
        return;
      }
    }
  }

  /// Partitions of a topic, count.
  int partitions(String topic) {
    return consumer().partitionsFor(topic, LIMIT).size();
  }

  /// Offset of the next record of a partition.
  long endOffset(TopicPartition partition) {
    Long end = consumer().endOffsets(List.of(partition), LIMIT).get(partition);
    return end == null ? 0 : end;
  }

  private KafkaConsumer<byte[], byte[]> consumer() {
    KafkaConsumer<byte[], byte[]> open = consumer;
    if (open == null) {
      open = consumers.get();
      consumer = open;
    }
    return open;
  }

  @Override
  public void close() {
    if (consumer != null) {
      consumer.close();
      consumer = null;
    }
  }
}
