package dev.sluice.worker.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BreakerTest {
  private final Breaker breaker = new Breaker();
  private long now = 1;

  @Test
  void oneJobThatFailsAsOftenAsItMayDoesNotOpenIt() {
    fail(4);

    assertEquals(Breaker.State.CLOSED, breaker.state());
  }

  @Test
  void fiveFailedCallsInARowOpenIt() {
    fail(5);

    assertTrue(breaker.open());
    assertTrue(breaker.probes());
    assertEquals(1, breaker.openings());
  }

  @Test
  void anAnswerInBetweenBeginsTheCountAnew() {
    fail(4);
    breaker.answered(now, now);
    fail(4);

    assertEquals(Breaker.State.CLOSED, breaker.state());
  }

  @Test
  void aProbeThatFailsAfterTheFirstFailedCallOpensItAtOnce() {
    fail(1);
    assertTrue(breaker.suspects());
    breaker.probed(false, now);

    assertTrue(breaker.open());
  }

  @Test
  void aProbeAloneOpensNothing() {
    breaker.probed(false, now);

    assertEquals(Breaker.State.CLOSED, breaker.state());
  }

  @Test
  void aProbeThatSucceedsPutsItOnProbationAndTheFirstAnswerClosesIt() {
    fail(5);
    pass(Duration.ofSeconds(1));
    breaker.probed(true, now);
    assertEquals(Breaker.State.PROBATION, breaker.state());
    pass(Duration.ofMillis(20));
    breaker.answered(now - 1, now);

    assertEquals(Breaker.State.CLOSED, breaker.state());
  }

  @Test
  void callsThatBeganBeforeAChangeTellNothingOfWhatCameAfter() {
    long before = now;
    fail(5);
    pass(Duration.ofSeconds(1));
    breaker.probed(true, now);
    breaker.failed(before, now);
    assertEquals(Breaker.State.PROBATION, breaker.state());
    breaker.answered(before, now);

    assertEquals(Breaker.State.PROBATION, breaker.state());
  }

  @Test
  void aProviderThatAnswersProbesAndFailsCallsIsTriedAgainWithinFiveSeconds() {
    fail(5);
    for (int round = 0; round < 6; round++) {
      long opened = now;
      while (breaker.open()) {
        pass(Duration.ofSeconds(1));
        breaker.probed(true, now);
      }
      assertTrue(now - opened <= Duration.ofSeconds(5).toNanos());
      fail(1);
      assertTrue(breaker.open());
    }
  }

  @Test
  void aProbationWithoutAFailureEndsByItself() {
    fail(5);
    breaker.probed(true, now);
    pass(Breaker.PROBATION);
    breaker.pass(now);

    assertEquals(Breaker.State.CLOSED, breaker.state());
  }

  @Test
  void theOpeningOfAnotherWorkerIsTakenOverOnceAndProbedOnce() {
    assertTrue(breaker.heard("a", true, 1, now));
    assertTrue(breaker.open());
    assertFalse(breaker.probes());

    breaker.probed(false, now);
    assertTrue(breaker.open());
    assertFalse(breaker.heard("a", true, 1, now));
    assertFalse(breaker.probes());
  }

  @Test
  void aWorkerThatFindsAnOpeningWrongDoesNotTakeItOverAgain() {
    breaker.heard("a", true, 1, now);
    breaker.probed(true, now);
    assertEquals(Breaker.State.PROBATION, breaker.state());
    breaker.heard("a", true, 1, now);

    assertEquals(Breaker.State.PROBATION, breaker.state());
  }

  @Test
  void aWorkerThatHasJustHadAnAnswerBelievesNoOther() {
    breaker.answered(now, now);
    assertFalse(breaker.heard("a", true, 1, now));
    assertFalse(breaker.open());

    pass(Breaker.OWN_EVIDENCE);
    breaker.heard("a", true, 1, now);
    assertTrue(breaker.open());
  }

  @Test
  void whoFollowedAnotherClosesWithIt() {
    breaker.heard("a", true, 1, now);
    breaker.heard("a", false, 1, now);

    assertEquals(Breaker.State.PROBATION, breaker.state());
  }

  @Test
  void whoFollowedAWorkerThatIsGoneProbesByItself() {
    breaker.heard("a", true, 1, now);
    breaker.living(Set.of("b"));

    assertTrue(breaker.probes());
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void whateverHappenedTrafficIsBackWithinFiveSecondsOfRecovery(long seed) {
    Random random = new Random(seed);
    for (int step = 0; step < 500; step++) {
      pass(Duration.ofMillis(random.nextInt(700)));
      switch (random.nextInt(6)) {
        case 0 -> breaker.answered(now - random.nextInt(1_000_000), now);
        case 1, 2 -> breaker.failed(now - random.nextInt(1_000_000), now);
        case 3 -> breaker.probed(random.nextBoolean(), now);
        case 4 -> breaker.heard("a", random.nextBoolean(), random.nextInt(20), now);
        default -> breaker.pass(now);
      }
    }
    breaker.living(Set.of());
    long recovered = now;
    while (breaker.open()) {
      pass(Duration.ofSeconds(1));
      breaker.probed(true, now);
    }

    assertTrue(now - recovered <= Duration.ofSeconds(5).toNanos());
  }

  private void fail(int calls) {
    for (int call = 0; call < calls; call++) {
      pass(Duration.ofMillis(1));
      breaker.failed(now, now);
    }
  }

  private void pass(Duration time) {
    now += time.toNanos();
  }
}
