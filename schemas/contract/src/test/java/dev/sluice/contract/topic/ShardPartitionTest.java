package dev.sluice.contract.topic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.model.Shards;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.junit.jupiter.api.Test;

class ShardPartitionTest {

  @Test
  void theFirstShardIsWhereTheKeyAloneIs() {
    for (int i = 0; i < 1_000; i++) {
      String tenant = "t" + i;
      byte[] key = tenant.getBytes(StandardCharsets.UTF_8);
      assertEquals(
          BuiltInPartitioner.partitionForKey(key, 12), ShardPartition.of(tenant, 0, 12), tenant);
    }
  }

  @Test
  void shardsGoRoundThePartitions() {
    int first = ShardPartition.of("acme", 0, 4);

    for (int shard = 0; shard < Shards.MOST; shard++) {
      assertEquals((first + shard) % 4, ShardPartition.of("acme", shard, 4));
    }
  }

  @Test
  void marksOfAnyKindAreSpreadEvenly() {
    Random random = new Random(3);
    for (int shards : new int[] {1, 2, 3, 7, 8, 64, 256}) {
      int[] digests = new int[shards];
      int[] names = new int[shards];
      for (int i = 0; i < shards * 1_000; i++) {
        digests[Shards.of(ByteBuffer.allocate(16).putLong(random.nextLong()).array(), shards)]++;
        names[Shards.of(("order-" + i).getBytes(StandardCharsets.UTF_8), shards)]++;
      }
      for (int shard = 0; shard < shards; shard++) {
        assertTrue(Math.abs(digests[shard] - 1_000) < 200, shards + ": " + digests[shard]);
        assertTrue(Math.abs(names[shard] - 1_000) < 200, shards + ": " + names[shard]);
      }
    }
  }
}
