package dev.sluice.worker.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PacerTest {
  private static final long SECOND = 1_000_000_000L;

  private final Pacer pacer = new Pacer();

  @Test
  void withoutAnyWordOfALimitNothingWaits() {
    for (int call = 0; call < 1_000; call++) {
      assertEquals(0, pacer.reserve(SECOND));
    }
    assertEquals(64, pacer.slots(64, SECOND));
  }

  @Test
  void whatRemainsIsSpreadOverTheTimeUntilAllIsThereAgain() {
    pacer.told(requests(100, 10, Duration.ofSeconds(20)), 0, SECOND);

    assertEquals(0.5, pacer.rate(SECOND), 1e-9);
  }

  @Test
  void workersShareWhatRemains() {
    pacer.sharedBy(4);
    pacer.told(requests(100, 40, Duration.ofSeconds(10)), 0, SECOND);

    assertEquals(1, pacer.rate(SECOND), 1e-9);
  }

  @Test
  void tokensCountAsTheCallsThatTheyAreEnoughFor() {
    pacer.answered(0, SECOND, 500);
    pacer.told(
        new RateLimits(
            Optional.empty(),
            List.of(new RateLimits.Window(100_000, 50_000, Duration.ofSeconds(10)))),
        0,
        SECOND);

    assertEquals(10, pacer.rate(SECOND), 1e-9);
  }

  @Test
  void afterTheResetTheAllowanceIsWholeAgainThoughNotForOneBurst() {
    pacer.told(requests(100, 10, Duration.ofSeconds(20)), 0, SECOND);

    assertEquals(400, pacer.rate(21 * SECOND), 1e-9);
  }

  @Test
  void aRefusalThatIsRareCutsNothing() {
    for (int call = 0; call < 100; call++) {
      pacer.answered(SECOND, SECOND + call, 10);
      pacer.began();
    }
    pacer.throttled(pacer.began(), SECOND + 200, 0);

    assertEquals(Double.POSITIVE_INFINITY, pacer.rate(SECOND + 200));

    pacer.throttled(pacer.began(), SECOND + 300, 0);

    assertTrue(Double.isFinite(pacer.rate(SECOND + 300)));
  }

  @Test
  void aRetryAfterPausesEveryCallAndWhatWaitsTooLongIsGivenBack() {
    pacer.throttled(0, SECOND, 3 * SECOND);

    assertEquals(3 * SECOND, pacer.reserve(SECOND));
    assertTrue(pacer.reserve(SECOND + SECOND / 2) > Pacer.MAX_WAIT.toNanos());
    assertEquals(SECOND, pacer.reserve(3 * SECOND));
  }

  @Test
  void anAbsurdRetryAfterDoesNotParkThePool() {
    pacer.throttled(0, SECOND, Duration.ofDays(1).toNanos());

    assertEquals(Pacer.MAX_PAUSE.toNanos(), pacer.paused(SECOND));
  }

  @Test
  void refusalsOfCallsThatBeganBeforeTheCutDoNotCutAgain() {
    answer(100);
    pacer.throttled(SECOND, 2 * SECOND, 0);
    double once = pacer.rate(2 * SECOND);
    pacer.throttled(SECOND, 2 * SECOND, 0);
    assertEquals(once, pacer.rate(2 * SECOND));
    pacer.throttled(3 * SECOND, 3 * SECOND, 0);

    assertEquals(once * 0.85, pacer.rate(3 * SECOND), 1e-9);
  }

  /// As after an outage of a router: a stray refusal must not hold a pool to a call in five
  /// seconds.
  @Test
  void aRefusalInALullDoesNotCutToTheLull() {
    for (int call = 0; call < 90; call++) {
      long begun = SECOND + call * SECOND / 20;
      pacer.answered(begun, begun + SECOND / 10, 10);
    }
    long lull = 15 * SECOND;

    pacer.throttled(lull, lull, 0);

    double rate = pacer.rate(lull);
    assertTrue(rate > 6 && rate < 20, () -> rate + " calls a second");
  }

  @Test
  void aPauseOfAnotherWorkerIsKeptToo() {
    pacer.heard(2.5, SECOND, SECOND);

    assertEquals(SECOND, pacer.paused(SECOND));
    assertEquals(2.5, pacer.rate(SECOND));
  }

  @Test
  void slotsFollowRateAndLengthBetweenOneAndTheShare() {
    answer(100);
    pacer.throttled(SECOND, 2 * SECOND, 0);
    int slots = pacer.slots(64, 2 * SECOND);
    assertTrue(slots >= 1 && slots < 64, () -> slots + " slots");

    assertEquals(1, pacer.slots(1, 2 * SECOND));
  }

  private void answer(int calls) {
    for (int call = 0; call < calls; call++) {
      long begun = call * SECOND / calls;
      pacer.answered(begun, begun + SECOND / 10, 10);
    }
  }

  private static RateLimits requests(double limit, double remaining, Duration reset) {
    return new RateLimits(Optional.of(new RateLimits.Window(limit, remaining, reset)), List.of());
  }
}
