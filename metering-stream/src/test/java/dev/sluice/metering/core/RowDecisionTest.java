package dev.sluice.metering.core;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.metering.core.CostLine.Attempt;
import dev.sluice.metering.core.CostLine.Charge;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RowDecisionTest {
  private static final Amount OWED = new Amount.Usd(new BigDecimal("0.02"));
  private static final Amount CHARGED = new Amount.Usd(new BigDecimal("0.03"));
  private static final Map<String, Long> TOKENS = Map.of("input", 5L);

  @Test
  void deliveredCallIsOwedAndCharged() {
    assertEquals(
        new RowDecision.Count(
            List.of(new Attempt("j/1/a", OWED), new Charge("j", CHARGED, TOKENS)),
            new CountedJob(true, Set.of("j/1/a"))),
        RowDecision.decide(delivered("j/1/a"), CountedJob.NOTHING));
  }

  @Test
  void anAnswerThatWasKeptIsChargedOnceAndNoCallIsOwed() {
    Amount nothing = new Amount.Usd(BigDecimal.ZERO);
    SettledCall kept = new SettledCall("j/0/0", "j", false, true, nothing, CHARGED, Map.of(), 0);
    CountedJob charged = new CountedJob(true, Set.of());

    assertEquals(
        new RowDecision.Count(List.of(new Charge("j", CHARGED, Map.of())), charged),
        RowDecision.decide(kept, CountedJob.NOTHING));
    assertEquals(new RowDecision.Repeat(), RowDecision.decide(kept, charged));
  }

  @Test
  void callWithoutDeliveryIsOnlyOwed() {
    assertEquals(
        new RowDecision.Count(
            List.of(new Attempt("j/1/a", OWED)), new CountedJob(false, Set.of("j/1/a"))),
        RowDecision.decide(failed("j/1/a"), CountedJob.NOTHING));
  }

  @Test
  void repeatAddsNothing() {
    assertEquals(
        new RowDecision.Repeat(),
        RowDecision.decide(delivered("j/1/a"), new CountedJob(true, Set.of("j/1/a"))));
    assertEquals(
        new RowDecision.Repeat(),
        RowDecision.decide(failed("j/1/a"), new CountedJob(false, Set.of("j/1/a", "j/2/b"))));
  }

  @Test
  void lateCallOfAChargedJobIsOwed() {
    assertEquals(
        new RowDecision.Count(
            List.of(new Attempt("j/1/a", OWED)), new CountedJob(true, Set.of("j/1/a", "j/2/b"))),
        RowDecision.decide(failed("j/1/a"), new CountedJob(true, Set.of("j/2/b"))));
  }

  @Test
  void deliveryAfterItsOwnFailureIsChargedOnceAndNotOwedAgain() {
    assertEquals(
        new RowDecision.Count(
            List.of(new Charge("j", CHARGED, TOKENS)), new CountedJob(true, Set.of("j/1/a"))),
        RowDecision.decide(delivered("j/1/a"), new CountedJob(false, Set.of("j/1/a"))));
  }

  @Test
  void secondDeliveryOfAJobIsOwedButNotCharged() {
    assertEquals(
        new RowDecision.RefuseSecondCharge(
            new Attempt("j/2/b", OWED), new CountedJob(true, Set.of("j/1/a", "j/2/b"))),
        RowDecision.decide(delivered("j/2/b"), new CountedJob(true, Set.of("j/1/a"))));
  }

  private static SettledCall delivered(String entryId) {
    return new SettledCall(entryId, "j", true, OWED, CHARGED, TOKENS);
  }

  private static SettledCall failed(String entryId) {
    return new SettledCall(entryId, "j", false, OWED, Amount.UNPRICED, TOKENS);
  }
}
