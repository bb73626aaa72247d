package dev.sluice.ingress.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.ingress.kafka.ReadQueue.Read;
import dev.sluice.ingress.log.LogUnavailableException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class OffsetPassTest {
  private static final TopicPartition PARTITION = new TopicPartition("results", 0);
  private static final long FIRST = 100;
  private static final long END = 5_000;

  private final RecordCache cache = new RecordCache(1_000_000);
  private final Log log = new Log();

  /// A partition with offsets 100 to 4,999; each poll gives ten records.
  private static final class Log extends MockConsumer<byte[], byte[]> {
    private long position;
    int seeks;
    boolean silent;

    Log() {
      super("earliest");
    }

    @Override
    public void seek(TopicPartition partition, long offset) {
      seeks++;
      // What the log does not have sends the consumer back to the first record.
      position = offset < FIRST || offset > END ? FIRST : offset;
    }

    @Override
    public long position(TopicPartition partition) {
      return position;
    }

    @Override
    public synchronized ConsumerRecords<byte[], byte[]> poll(Duration timeout) {
      if (silent) {
        return ConsumerRecords.empty();
      }
      List<ConsumerRecord<byte[], byte[]>> records =
          LongStream.range(position, Math.min(END, position + 10))
              .mapToObj(offset ->
                  new ConsumerRecord<>(
                      PARTITION.topic(), 0, offset, new byte[0], new byte[] {(byte) offset}))
              .toList();
      position += records.size();
      return new ConsumerRecords<>(Map.of(PARTITION, records), Map.of());
    }
  }

  @Test
  void readsOnWhereTheNextIsNearAndSeeksWhereItIsFar() {
    Read near = read(200, 205, 290);
    Read far = read(290, 4_000);

    run(near, far);

    assertEquals(Set.of(200L, 205L, 290L), near.answer().join().keySet());
    assertEquals(Set.of(290L, 4_000L), far.answer().join().keySet());
    assertEquals((byte) 4_000, far.answer().join().get(4_000L)[0]);
    assertEquals(2, log.seeks);
  }

  @Test
  void leavesOutWhatRetentionHasRemoved() {
    Read read = read(3, 99, 100);

    run(read);

    assertEquals(Set.of(100L), read.answer().join().keySet());
  }

  @Test
  void leavesOutWhatTheLogHasLostAtItsEnd() {
    Read read = read(150, 6_000, 7_000);

    run(read);

    assertEquals(Set.of(150L), read.answer().join().keySet());
    assertTrue(log.seeks <= 2);
  }

  @Test
  void asksForNothingThatNobodyWaitsForAnyMore() {
    Read given = read(150);
    given.answer().cancel(false);

    run(given);

    assertEquals(0, log.seeks);
  }

  @Test
  void givesUpOnASilentBroker() {
    log.silent = true;
    Read read = read(150);

    assertThrows(LogUnavailableException.class, () -> run(read));
    assertFalse(read.answer().isDone());
  }

  private void run(Read... reads) {
    new OffsetPass(List.of(reads), cache).run(log, Duration.ofMillis(50));
  }

  private static Read read(long... offsets) {
    return new Read(
        "acme", PARTITION, LongStream.of(offsets).boxed().toList(), new CompletableFuture<>());
  }
}
