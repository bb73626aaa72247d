package dev.sluice.ledgercheck.core;

import static dev.sluice.ledgercheck.core.Records.with;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The checker is itself checked: it lets clean ledgers pass and catches every seeded defect.
class CheckerTest {

  @Test
  void passesCleanLedgers() {
    Verdict verdict = Checker.check(CampaignBuilder.clean());

    assertEquals(List.of(), verdict.violations());
  }

  @ParameterizedTest
  @EnumSource
  void catchesTheDefect(SeededDefect defect) {
    Verdict verdict = Checker.check(defect.defect.apply(CampaignBuilder.clean()));

    assertTrue(
        verdict.violations().stream()
            .anyMatch(
                found -> found.invariant() == defect.breaks && found.text().contains(defect.says)),
        () -> "found only " + verdict.violations());
  }

  @Test
  void acceptsTheEstimateOfATruncatedPlainAnswerWhoseJobWasCancelledAfterwards() {
    Ledgers ledgers =
        CampaignBuilder.only(CampaignBuilder::truncatedPlainAnswerOfAJobCancelledAfterwards);

    assertEquals(List.of(), Checker.check(ledgers).violations());
  }

  @Test
  void acceptsCountsThatWereReadBeforeACancelClosedTheStream() {
    Ledgers ledgers = CampaignBuilder.only(CampaignBuilder::cancelledAfterTheCounts);

    assertEquals(List.of(), Checker.check(ledgers).violations());
  }

  @Test
  void acceptsAJobWhoseWorkersWereKilledOnTheirWayToTheOtherProvider() {
    Ledgers ledgers = CampaignBuilder.only(CampaignBuilder::lostOnItsWayToTheOtherProvider);

    assertEquals(List.of(), Checker.check(ledgers).violations());
  }

  @Test
  void acceptsARequestThatWasSentAgainUnderItsKeyAndNamesTheSameJob() {
    Ledgers ledgers = SeededDefect.keyed(CampaignBuilder.clean());
    String marker = ledgers.posts().getFirst().marker();

    Ledgers again =
        Edit.answers(
            ledgers, Edit.withCopy(a -> a.marker().equals(marker), UnaryOperator.identity()));

    assertEquals(List.of(), Checker.check(again).violations());
  }

  @Test
  void acceptsAJobWhoseRequestWasAnsweredWithAnErrorOfTheServerAndNeverArrivedOtherwise() {
    Ledgers ledgers = CampaignBuilder.only(CampaignBuilder::unavailableBetweenTriesThatWereNotSent);

    assertEquals(List.of(), Checker.check(ledgers).violations());
  }

  @Test
  void endsItsReportWithOneLineThatSaysClean() {
    Verdict verdict = Checker.check(CampaignBuilder.clean());

    assertTrue(verdict.lines(7).getLast().startsWith("ledger check: clean"));
  }

  @Test
  void endsItsReportWithTheNumberOfViolations() {
    Verdict verdict =
        Checker.check(SeededDefect.MISSING_CHARGE.defect.apply(CampaignBuilder.clean()));

    assertFalse(verdict.clean());
    assertEquals(
        "ledger check: %d violations".formatted(verdict.violations().size()),
        verdict.lines(7).getLast());
  }

  @Test
  void excusesARepeatedCallOnlyByAFaultOfAWorker() {
    Ledgers clean = CampaignBuilder.clean();
    List<Disturbance> ofRouter =
        clean.disturbances().stream()
            .map(each -> new Disturbance(each.kind(), "router-1", each.at(), each.until()))
            .toList();

    Verdict verdict = Checker.check(with(clean, "disturbances", ofRouter));

    assertTrue(verdict.violations().stream().anyMatch(found -> found.invariant() == Invariant.I7));
  }
}
