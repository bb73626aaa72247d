package dev.sluice.ingress.kafka;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class RecordCacheTest {
  private static final TopicPartition PARTITION = new TopicPartition("results", 0);
  private static final int MAX_BYTES = 64 * 1024;

  private final RecordCache cache = new RecordCache(MAX_BYTES);

  @Test
  void staysBelowItsBoundAndKeepsWhatIsAskedFor() {
    for (int offset = 0; offset < 1_000; offset++) {
      cache.put(PARTITION, offset, new byte[1_000]);
      assertNotNull(cache.get(PARTITION, 0));
      assertTrue(cache.bytes() <= MAX_BYTES);
    }

    assertNotNull(cache.get(PARTITION, 999));
    assertNull(cache.get(PARTITION, 1));
  }

  @Test
  void countsAValueThatIsPutTwiceOnce() {
    for (int i = 0; i < 100; i++) {
      cache.put(PARTITION, 1, new byte[1_000]);
    }
    cache.put(PARTITION, 2, new byte[1_000]);

    assertNotNull(cache.get(PARTITION, 1));
    assertTrue(cache.bytes() < 3_000);
  }

  @Test
  void doesNotKeepWhatWouldCrowdOutTheRest() {
    cache.put(PARTITION, 1, new byte[MAX_BYTES / 2]);

    assertNull(cache.get(PARTITION, 1));
  }
}
