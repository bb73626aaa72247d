package dev.sluice.ingress.kafka;

import dev.sluice.ingress.kafka.ReadQueue.Read;
import dev.sluice.ingress.log.LogUnavailableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/// One pass over a partition, from its lowest wanted offset to the highest: reads on where the next
/// one is near, else seeks. Each read is answered as soon as its last offset was passed. Owned by
/// one thread.
final class OffsetPass {
  /// What a fetch brings beside the wanted records is read, sent and checked for nothing: with 256
  /// KiB a lone record cost three times the CPU. A longer record comes whole all the same.
  private static final int FETCH_BYTES = 32 * 1024;

  private static final Duration POLL = Duration.ofMillis(250);

  /// Reading on is cheaper than seeking when the next record is this near.
  private static final long NEAR_RECORDS = 128;

  private final TopicPartition partition;
  private final RecordCache cache;
  private final TreeMap<Long, List<Pending>> wanted = new TreeMap<>();

  private static final class Pending {
    final Read read;
    final Map<Long, byte[]> values = new HashMap<>();
    int left;

    Pending(Read read) {
      this.read = read;
      this.left = read.offsets().size();
    }
  }

  /// @param batch reads of one partition
  OffsetPass(List<Read> batch, RecordCache cache) {
    this.partition = batch.getFirst().partition();
    this.cache = cache;
    for (Read read : batch) {
      // Whoever has stopped waiting needs no answer.
      if (!read.answer().isDone()) {
        Pending pending = new Pending(read);
        for (long offset : read.offsets()) {
          wanted.computeIfAbsent(offset, _ -> new ArrayList<>()).add(pending);
        }
      }
    }
  }

  /// For a consumer that reads here and there: small fetches, and no waiting at the end of the log,
  /// where the fetch for what comes next would block the next seek.
  static Map<String, Object> settings() {
    return Map.of(
        ConsumerConfig.FETCH_MAX_BYTES_CONFIG,
        FETCH_BYTES,
        ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG,
        FETCH_BYTES,
        ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG,
        1,
        ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
        5_000);
  }

  /// @param silence longest time without a step ahead
  /// @throws LogUnavailableException when there was none for so long
  void run(Consumer<byte[], byte[]> consumer, Duration silence) {
    if (!consumer.assignment().equals(Set.of(partition))) {
      consumer.assign(List.of(partition));
    }
    long until = System.nanoTime() + silence.toNanos();
    long reached = Long.MIN_VALUE / 2;
    while (!wanted.isEmpty()) {
      long next = wanted.firstKey();
      if (next - reached > NEAR_RECORDS) {
        consumer.seek(partition, next);
        reached = next;
      }
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
        found(record);
      }
      long position = consumer.position(partition);
      if (position > reached) {
        reached = position;
        until = System.nanoTime() + silence.toNanos();
        passed(position);
      } else if (position < reached) {
        // The consumer went back to the first record there is: the log ends before the next one.
        passed(Long.MAX_VALUE);
      } else if (System.nanoTime() > until) {
        throw new LogUnavailableException("the log did not answer in time; try again");
      }
    }
  }

  private void found(ConsumerRecord<byte[], byte[]> record) {
    List<Pending> waiting = wanted.remove(record.offset());
    if (waiting != null && record.value() != null) {
      cache.put(partition, record.offset(), record.value());
      waiting.forEach(pending -> pending.values.put(record.offset(), record.value()));
      waiting.forEach(OffsetPass::step);
    }
  }

  /// What is still wanted below the position is not in the log any more.
  private void passed(long position) {
    while (!wanted.isEmpty() && wanted.firstKey() < position) {
      wanted.pollFirstEntry().getValue().forEach(OffsetPass::step);
    }
  }

  private static void step(Pending pending) {
    if (--pending.left == 0) {
      pending.read.answer().complete(pending.values);
    }
  }
}
