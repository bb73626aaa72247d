package dev.sluice.ingress.core.callback;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.testkit.SettableClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeliveryRuleTest {
  private static final Instant START = Instant.parse("2026-03-01T10:00:00Z");
  private static final DeliveryRule RULE = DeliveryRule.STANDARD;
  private static final AttemptAnswer BROKEN = answered(500);

  private static AttemptAnswer answered(int status) {
    return new AttemptAnswer.Answered(status, Optional.empty());
  }

  private static AttemptAnswer answered(int status, Duration wait) {
    return new AttemptAnswer.Answered(status, Optional.of(wait));
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.5, 0.999})
  void triesTenTimesIn72HoursWhateverTheJitter(double random) {
    SettableClock clock = new SettableClock(START);
    List<Duration> at = new ArrayList<>();
    int attempts = 0;
    while (true) {
      attempts++;
      at.add(Duration.between(START, clock.instant()));
      DeliveryDecision decision = RULE.decide(attempts, START, BROKEN, clock.instant(), random);
      if (!(decision instanceof DeliveryDecision.Again(Instant due))) {
        assertEquals(new DeliveryDecision.Exhausted(), decision);
        break;
      }
      clock.advance(Duration.between(clock.instant(), due));
    }

    assertEquals(10, attempts);
    assertEquals(Duration.ofHours(72), at.getLast());
    assertTrue(at.get(1).compareTo(Duration.ofSeconds(10)) < 0, "first retry after " + at.get(1));
    assertTrue(at.get(2).compareTo(Duration.ofMinutes(5)) >= 0);
  }

  @ParameterizedTest
  @ValueSource(ints = {200, 201, 204, 299})
  void anyAnswerOf2xxIsDelivery(int status) {
    assertEquals(
        new DeliveryDecision.Delivered(), RULE.decide(1, START, answered(status), START, 0));
  }

  @ParameterizedTest
  @ValueSource(ints = {100, 301, 302, 307, 400, 401, 404, 409, 429, 500, 503, 599})
  void everythingElseIsTriedAgain(int status) {
    assertEquals(
        new DeliveryDecision.Again(START.plusSeconds(5)),
        RULE.decide(1, START, answered(status), START, 0));
  }

  @Test
  void whoIsGoneIsNotAskedAgain() {
    assertEquals(new DeliveryDecision.Gone(), RULE.decide(1, START, answered(410), START, 0));
  }

  @Test
  void aReceiverWithTooMuchToDoIsLeftAloneAsLongAsItAsks() {
    AttemptAnswer busy = answered(429, Duration.ofSeconds(90));

    assertEquals(
        new DeliveryDecision.Again(START.plusSeconds(90)), RULE.decide(1, START, busy, START, 0));
    assertEquals(Optional.of(START.plusSeconds(90)), RULE.pause(busy, START));
    assertTrue(DeliveryRule.slow(busy));
  }

  @Test
  void aWaitIsBelievedUpToAnHourAndNeverShortensTheLadder() {
    assertEquals(
        new DeliveryDecision.Again(START.plus(Duration.ofHours(1))),
        RULE.decide(1, START, answered(503, Duration.ofDays(7)), START, 0));
    assertEquals(
        new DeliveryDecision.Again(START.plus(Duration.ofMinutes(5))),
        RULE.decide(2, START, answered(503, Duration.ofSeconds(1)), START, 0));
    assertEquals(
        new DeliveryDecision.Again(START.plusSeconds(5)),
        RULE.decide(1, START, answered(404, Duration.ofDays(7)), START, 0));
  }

  @Test
  void onlyTimeoutsAndOverloadSlowAReceiverDown() {
    assertTrue(DeliveryRule.slow(answered(503)));
    assertTrue(DeliveryRule.slow(new AttemptAnswer.Failed("timeout", true)));
    assertFalse(DeliveryRule.slow(answered(500)));
    assertFalse(DeliveryRule.slow(new AttemptAnswer.Failed("connection_refused", false)));
  }
}
