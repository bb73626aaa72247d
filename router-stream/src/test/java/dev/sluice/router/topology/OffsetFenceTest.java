package dev.sluice.router.topology;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class OffsetFenceTest {
  private final OffsetFence fence = new OffsetFence();

  @Test
  void consecutiveOffsetsAreClear() {
    fence.arm(4);
    fence.acknowledged(4);
    fence.acknowledged(5);

    assertTrue(fence.clear());
  }

  @Test
  void recordsOfSomebodyElseAreAGapThatGrowsUntilItIsClosed() {
    fence.arm(4);
    fence.acknowledged(6);
    fence.acknowledged(9);

    assertEquals(Optional.of(new OffsetFence.Gap(4, 9)), fence.gap());
    fence.close(new OffsetFence.Gap(4, 9));
    assertTrue(fence.clear());
  }

  @Test
  void whatCameWhileTheGapWasReadRemainsToBeReadFromThere() {
    fence.arm(4);
    fence.acknowledged(6);
    OffsetFence.Gap read = fence.gap().orElseThrow();
    fence.acknowledged(9);

    fence.close(read);

    assertEquals(Optional.of(new OffsetFence.Gap(6, 9)), fence.gap());
    assertFalse(fence.clear());
  }

  @Test
  void acknowledgementsBeforeItIsArmedMeanNothing() {
    fence.acknowledged(100);

    assertTrue(fence.clear());
  }
}
