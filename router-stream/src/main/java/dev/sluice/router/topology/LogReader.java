package dev.sluice.router.topology;

import dev.sluice.router.core.LogPosition;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/// Reads records of the log again by position: the log is where bodies live. Used at takeover and
/// in rare cases, never on the ordinary path. Owned by one thread.
final class LogReader implements AutoCloseable {
  /// Records to be read back at once, at most, count: so many are in memory, each with its body.
  static final int TOGETHER = 100;

  private static final Duration POLL = Duration.ofMillis(250);
  private static final Duration LIMIT = Duration.ofSeconds(30);

  /// So far ahead the reader goes on by reading, offsets: what is there it has most likely already.
  private static final long NEAR = 5L * TOGETHER;

  private final Supplier<? extends Consumer<byte[], byte[]>> consumers;
  private @Nullable Consumer<byte[], byte[]> consumer;

  /// Where the partition ended that is being read, when it was last looked at.
  private long knownEnd;

  LogReader(Supplier<? extends Consumer<byte[], byte[]>> consumers) {
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
    Iterator<LogPosition> left = sorted.iterator();
    LogPosition wanted = left.next();
    while (true) {
      var records = fetch(partition, wanted.offset());
      if (records.isEmpty()) {
        // All that is still wanted is gone.
        return;
      }
      for (ConsumerRecord<byte[], byte[]> record : records) {
        while (wanted.offset() <= record.offset()) {
          if (wanted.offset() == record.offset() && record.value() != null) {
            found.put(wanted, record.value());
          }
          if (!left.hasNext()) {
            return;
          }
          wanted = left.next();
        }
      }
    }
  }

  /// Reads a range of one partition, in order.
  void scan(
      TopicPartition partition,
      long from,
      long to,
      java.util.function.Consumer<ConsumerRecord<byte[], byte[]>> sink) {
    long next = from;
    while (next < to) {
      var records = fetch(partition, next);
      if (records.isEmpty()) {
        return;
      }
      for (ConsumerRecord<byte[], byte[]> record : records) {
        if (record.offset() >= next && record.offset() < to) {
          sink.accept(record);
        }
        next = Math.max(next, record.offset() + 1);
      }
    }
  }

  /// Records of a partition, on the way to an offset or from there; none only when there are none
  /// from there to the end.
  private ConsumerRecords<byte[], byte[]> fetch(TopicPartition partition, long offset) {
    Consumer<byte[], byte[]> reader = consumer();
    go(reader, partition, offset);
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (!isAtEnd(reader, partition)) {
      var records = reader.poll(POLL);
      if (!records.isEmpty()) {
        return records;
      }
      if (System.nanoTime() > deadline) {
        throw new KafkaException("could not read " + partition + " at " + offset);
      }
      // It may have become shorter.
      knownEnd = 0;
    }
    return ConsumerRecords.empty();
  }

  private void go(Consumer<byte[], byte[]> reader, TopicPartition partition, long offset) {
    if (!reader.assignment().contains(partition)) {
      reader.assign(List.of(partition));
      knownEnd = 0;
      reader.seek(partition, offset);
      return;
    }
    long position = reader.position(partition);
    if (position > offset || offset - position > NEAR) {
      reader.seek(partition, offset);
    }
  }

  /// Looks again where the end is before it says so.
  private boolean isAtEnd(Consumer<byte[], byte[]> reader, TopicPartition partition) {
    if (reader.position(partition) >= knownEnd) {
      knownEnd = endOffset(partition);
    }
    return reader.position(partition) >= knownEnd;
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

  private Consumer<byte[], byte[]> consumer() {
    Consumer<byte[], byte[]> open = consumer;
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
