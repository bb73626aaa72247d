package dev.sluice.ingress.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sluice.ingress.kafka.ReadQueue.Read;
import dev.sluice.ingress.log.LogUnavailableException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class ReadQueueTest {
  private static final TopicPartition ONE = new TopicPartition("results", 0);
  private static final TopicPartition OTHER = new TopicPartition("results", 1);

  private final ReadQueue queue = new ReadQueue(5_000, 3_000);

  @Test
  void servesAllThatWaitForAPartitionInOnePass() throws Exception {
    queue.add(read("a", ONE, 7));
    queue.add(read("a", OTHER, 1));
    queue.add(read("b", ONE, 3));

    assertEquals(2, queue.take().size());
    assertEquals(List.of(OTHER), queue.take().stream().map(Read::partition).toList());
    assertEquals(0, queue.size());
  }

  @Test
  void aTenantWithManyReadsDoesNotKeepAnotherWaiting() throws Exception {
    for (int i = 0; i < 3_000; i++) {
      queue.add(read("many", ONE, i));
    }
    queue.add(read("one", ONE, 9_999));

    List<Read> first = queue.take();

    assertEquals(ReadQueue.BATCH_OFFSETS, first.size());
    assertEquals("one", first.get(1).tenant());
  }

  @Test
  void partitionsTakeTurns() throws Exception {
    for (int i = 0; i < 2_000; i++) {
      queue.add(read("a", ONE, i));
    }
    queue.add(read("a", OTHER, 1));

    assertEquals(ONE, queue.take().getFirst().partition());
    assertEquals(OTHER, queue.take().getFirst().partition());
    assertEquals(ONE, queue.take().getFirst().partition());
  }

  @Test
  void aLongReadIsServedWhole() throws Exception {
    queue.add(read("a", ONE, LongStream.range(0, 2_000).toArray()));
    queue.add(read("a", ONE, 1));

    assertEquals(1, queue.take().size());
    assertEquals(1, queue.take().size());
  }

  @Test
  void refusesATenantWithTooManyReadsAndLetsOthersIn() {
    for (int i = 0; i < 3_000; i++) {
      queue.add(read("many", ONE, i));
    }

    assertThrows(LogUnavailableException.class, () -> queue.add(read("many", ONE, 1)));
    queue.add(read("other", ONE, 1));
    assertEquals(3_001, queue.size());
  }

  @Test
  void takingMakesRoomAgain() throws Exception {
    ReadQueue small = new ReadQueue(2, 1);
    small.add(read("a", ONE, 1));
    assertThrows(LogUnavailableException.class, () -> small.add(read("a", ONE, 2)));

    small.take();

    small.add(read("a", ONE, 2));
    assertEquals(1, small.takeAll().size());
    small.add(read("a", ONE, 3));
    assertEquals(1, small.size());
  }

  private static Read read(String tenant, TopicPartition partition, long... offsets) {
    return new Read(
        tenant, partition, LongStream.of(offsets).boxed().toList(), new CompletableFuture<>());
  }
}
