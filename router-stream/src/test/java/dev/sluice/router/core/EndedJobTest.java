package dev.sluice.router.core;

import static dev.sluice.router.core.Jobs.decide;
import static dev.sluice.router.core.Jobs.moves;
import static dev.sluice.router.core.Jobs.verdict;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.router.core.Notice.VerdictKind;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// What still comes for a job that has ended: its own call's end, claims, losses.
class EndedJobTest {
  @Test
  void cancellingARunningJobEndsItAtOnceAndReachesTheWorker() {
    var moves = moves(Jobs.running(Jobs.waiting(1), 7), new JobCommand.Cancel("caller"));

    assertEquals(
        Phase.Status.CANCELLED, assertInstanceOf(Phase.Done.class, moves.after().phase()).status());
    assertTrue(
        moves.notices().stream()
            .anyMatch(n ->
                n instanceof Notice.Verdict v
                    && v.kind() == VerdictKind.CANCEL
                    && v.claimId() == 7));
  }

  @Test
  void theOutcomeOfACancelledCallIsOwedOnceAndChangesNothingElse() {
    Job cancelled = Jobs.after(Jobs.running(Jobs.waiting(1), 7), new JobCommand.Cancel("caller"));
    var before = assertInstanceOf(Phase.Done.class, cancelled.phase());

    var moves = moves(cancelled, Jobs.success(1, 7, 30));

    assertEquals(
        List.of(new Notice.Settlement(new LogPosition("sluice.commands", 0, 30), false)),
        moves.notices());
    assertEquals(before.with(new Phase.LastCall.Accounted()), moves.after().phase());
    assertEquals(cancelled.progress().attempts(), moves.after().progress().attempts());
    assertEquals(cancelled.progress().owed(), moves.after().progress().owed());
    assertEquals(Optional.empty(), moves.after().openClaim());
    assertInstanceOf(
        JobDecision.Ignores.class,
        decide(moves.after(), new JobCommand.WorkerLost(Optional.empty())));
  }

  @Test
  void aCancelledCallThatNeverBeganIsOwedNothing() {
    Job cancelled = Jobs.after(Jobs.running(Jobs.waiting(1), 7), new JobCommand.Cancel("caller"));

    var moves = moves(cancelled, Jobs.notCalled(1, 7, 30));

    assertEquals(List.of(), moves.notices());
    assertEquals(Optional.empty(), moves.after().openClaim());
  }

  @Test
  void theLossOfAWorkerWhoseJobHasExpiredSettlesItsCallByEstimateAndKeepsTheEnd() {
    Job expired = Jobs.after(Jobs.running(Jobs.waiting(1), 7), new JobCommand.Expire());
    assertEquals(7, expired.openClaim().orElseThrow().claimId());

    var moves = moves(expired, new JobCommand.WorkerLost(Optional.of(BigDecimal.TEN)));

    var lost = assertInstanceOf(Notice.LostSettlement.class, moves.notices().getFirst()).attempt();
    assertEquals(1, moves.notices().size());
    assertEquals(7, lost.claimId());
    assertEquals(FailureCause.WORKER_LOST, lost.cause());
    var done = assertInstanceOf(Phase.Done.class, moves.after().phase());
    assertEquals(Phase.Status.EXPIRED, done.status());
    assertEquals(new Phase.LastCall.Lost(lost), done.lastCall());
    assertEquals(List.of(), moves.after().progress().attempts());
    assertEquals(Optional.of(BigDecimal.ZERO), moves.after().progress().owed());
  }

  @Test
  void aCallThatBeganAfterItsJobWasCancelledIsBrokenOffAndSettledByItsOutcome() {
    Job cancelled = Jobs.after(Jobs.released(Jobs.waiting(1)), new JobCommand.Cancel("caller"));

    var claimed = moves(cancelled, Jobs.claim(1, 7));

    assertEquals(VerdictKind.DROP, verdict(claimed.notices()));
    assertEquals(Jobs.endOf(cancelled), Jobs.endOf(claimed.after()));
    assertEquals(7, claimed.after().openClaim().orElseThrow().claimId());
    assertEquals(VerdictKind.DROP, verdict(decide(claimed.after(), Jobs.claim(1, 7))));

    var settled = moves(claimed.after(), Jobs.success(1, 7, 30));

    assertEquals(
        List.of(new Notice.Settlement(new LogPosition("sluice.commands", 0, 30), false)),
        settled.notices());
    assertEquals(Optional.empty(), settled.after().openClaim());
    assertEquals(Jobs.endOf(cancelled), Jobs.endOf(settled.after()));
  }

  @Test
  void aCallThatBeganAfterItsJobHadExpiredIsSettledByEstimateWhenItsWorkerIsLost() {
    Job expired = Jobs.after(Jobs.released(Jobs.waiting(1)), new JobCommand.Expire());
    Job claimed = Jobs.after(expired, Jobs.claim(1, 7));

    var lost = moves(claimed, new JobCommand.WorkerLost(Optional.empty()));

    var settlement = assertInstanceOf(Notice.LostSettlement.class, lost.notices().getFirst());
    assertEquals(7, settlement.attempt().claimId());
    assertEquals(Jobs.endOf(expired), Jobs.endOf(lost.after()));
  }

  @Test
  void aWorkerThatAsksBeforeItCallsLeavesNothingOpenBehindACancelledJob() {
    Job cancelled = Jobs.after(Jobs.released(Jobs.waiting(1)), new JobCommand.Cancel("caller"));
    assertTrue(cancelled.openRelease().isPresent());

    var asked = moves(cancelled, Jobs.waitingClaim(1, 7));

    assertEquals(VerdictKind.DROP, verdict(asked.notices()));
    assertEquals(Optional.empty(), asked.after().openClaim());
    assertEquals(Optional.empty(), asked.after().openRelease());
  }

  @Test
  void theLostWorkRecordOfACancelledJobIsNotSentAgain() {
    Job cancelled = Jobs.after(Jobs.released(Jobs.waiting(1)), new JobCommand.Cancel("caller"));

    var lost = moves(cancelled, new JobCommand.ReleaseAgain());

    assertEquals(List.of(), lost.notices());
    assertEquals(Optional.empty(), lost.after().openRelease());
  }

  @Test
  void nothingMovesAJobThatIsDone() {
    Job done = Jobs.after(Jobs.running(Jobs.waiting(1), 7), Jobs.success(1, 7, 30));

    assertInstanceOf(JobDecision.Ignores.class, decide(done, new JobCommand.Cancel("caller")));
    assertInstanceOf(JobDecision.Ignores.class, decide(done, new JobCommand.Expire()));
    assertInstanceOf(JobDecision.Ignores.class, decide(done, Jobs.success(1, 7, 30)));
    assertEquals(VerdictKind.DROP, verdict(decide(done, Jobs.claim(1, 7))));
  }

  @Test
  void aCallThatOutlivesItsJobCarriesNoStory() {
    Placement told =
        new Placement(
            "p", "x", 1, "weight 1 of 1", new RouteChoice("weighted", Optional.empty(), List.of()));
    Job released = Jobs.after(Jobs.waiting(1), new JobCommand.Release(told));

    Job cancelled = Jobs.after(released, new JobCommand.Cancel("caller"));

    assertEquals(
        new Placement("p", "x", 1, "weight 1 of 1"),
        cancelled.openRelease().orElseThrow().placement());
  }
}
