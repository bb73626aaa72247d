package dev.sluice.router.topology;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.router.core.LogPosition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is in the log is found, and what is not there is left out, wherever the reader stands.
class LogReaderTest {
  private static final TopicPartition JOBS = new TopicPartition("jobs", 0);
  private static final TopicPartition COMMANDS = new TopicPartition("commands", 0);

  private final Log log = new Log();
  private final LogReader reader = new LogReader(() -> log);

  /// A log with holes: whoever stands in one is given what follows.
  private static final class Log extends MockConsumer<byte[], byte[]> {
    final Map<TopicPartition, NavigableMap<Long, byte[]>> records = new HashMap<>();
    int seeks;

    Log() {
      super("earliest");
    }

    void put(TopicPartition partition, long offset, byte[] value) {
      records.computeIfAbsent(partition, _ -> new TreeMap<>()).put(offset, value);
      endsAt(partition, offset + 1);
    }

    void endsAt(TopicPartition partition, long end) {
      updateEndOffsets(Map.of(partition, end));
    }

    @Override
    public synchronized void seek(TopicPartition partition, long offset) {
      seeks++;
      super.seek(partition, offset);
    }

    @Override
    public synchronized ConsumerRecords<byte[], byte[]> poll(Duration timeout) {
      TopicPartition partition = assignment().iterator().next();
      List<ConsumerRecord<byte[], byte[]>> next = new ArrayList<>();
      records
          .getOrDefault(partition, new TreeMap<>())
          .tailMap(position(partition), true)
          .forEach((offset, value) -> {
            if (next.size() < LogReader.TOGETHER) {
              next.add(
                  new ConsumerRecord<>(
                      partition.topic(), partition.partition(), offset, new byte[0], value));
            }
          });
      long end = endOffsets(Set.of(partition)).get(partition);
      super.seek(partition, next.isEmpty() ? end : next.getLast().offset() + 1);
      return new ConsumerRecords<>(next.isEmpty() ? Map.of() : Map.of(partition, next), Map.of());
    }
  }

  private static LogPosition at(TopicPartition partition, long offset) {
    return new LogPosition(partition.topic(), partition.partition(), offset);
  }

  private static byte[] value(long offset) {
    return Long.toString(offset).getBytes(java.nio.charset.StandardCharsets.UTF_8);
  }

  private void fill(TopicPartition partition, LongStream offsets) {
    offsets.forEach(offset -> log.put(partition, offset, value(offset)));
  }

  private Set<Long> read(TopicPartition partition, Collection<Long> wanted) {
    return reader
        .read(wanted.stream().map(offset -> at(partition, offset)).toList())
        .keySet()
        .stream()
        .map(LogPosition::offset)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 5, 8})
  void findsJustWhatIsThere(long seed) {
    Random random = new Random(seed);
    for (TopicPartition partition : List.of(JOBS, COMMANDS)) {
      int share = 1 + random.nextInt(4);
      fill(partition, LongStream.range(100, 5_000).filter(_ -> random.nextInt(share) == 0));
      log.endsAt(partition, 5_000 + random.nextInt(3));
    }
    for (int i = 0; i < 200; i++) {
      TopicPartition partition = random.nextBoolean() ? JOBS : COMMANDS;
      int from = random.nextInt(5_100);
      int spread = 1 + random.nextInt(2_000);
      Set<Long> wanted =
          random
              .ints(1 + random.nextInt(LogReader.TOGETHER), from, from + spread)
              .mapToObj(Long::valueOf)
              .collect(Collectors.toCollection(TreeSet::new));
      Set<Long> expected = new TreeSet<>(wanted);
      expected.retainAll(log.records.get(partition).keySet());

      assertEquals(expected, read(partition, wanted), "seed " + seed);
    }
  }

  @Test
  void aDeletionIsNoValue() {
    fill(JOBS, LongStream.range(0, 10));
    log.put(JOBS, 5, null);

    assertEquals(Set.of(4L, 6L), read(JOBS, List.of(4L, 5L, 6L)));
  }

  @Test
  void whoReadsOnDoesNotSeek() {
    fill(JOBS, LongStream.range(0, 2_000));

    for (long first = 0; first < 2_000; first += LogReader.TOGETHER) {
      // Each third of them, as outcomes lie among claims.
      List<Long> wanted =
          LongStream.range(first, first + LogReader.TOGETHER)
              .filter(o -> o % 3 == 0)
              .boxed()
              .toList();
      assertEquals(Set.copyOf(wanted), read(JOBS, wanted));
    }

    assertEquals(1, log.seeks);
  }

  @Test
  void whatCameSinceTheLastReadIsFound() {
    fill(JOBS, LongStream.range(0, 10));
    assertEquals(Set.of(9L), read(JOBS, List.of(9L, 12L)));
    fill(JOBS, LongStream.range(10, 20));

    assertEquals(Set.of(12L), read(JOBS, List.of(12L)));
  }

  /// Compaction has emptied the log up to where it ended when it was last looked at.
  @Test
  void aScanGoesOnBehindAHoleThatReachesToTheOldEnd() {
    fill(COMMANDS, LongStream.range(0, 10));
    assertEquals(Set.of(2L), read(COMMANDS, List.of(2L)));
    log.records.get(COMMANDS).tailMap(3L, true).clear();
    fill(COMMANDS, LongStream.range(15, 20));
    List<Long> seen = new ArrayList<>();

    reader.scan(COMMANDS, 5, 18, record -> seen.add(record.offset()));

    assertEquals(List.of(15L, 16L, 17L), seen);
  }

  @Test
  void aScanEndsWhereTheLogEnds() {
    fill(COMMANDS, LongStream.range(0, 10));
    List<Long> seen = new ArrayList<>();

    reader.scan(COMMANDS, 8, 100, record -> seen.add(record.offset()));

    assertEquals(List.of(8L, 9L), seen);
    assertTrue(read(COMMANDS, List.of(50L)).isEmpty());
  }
}
