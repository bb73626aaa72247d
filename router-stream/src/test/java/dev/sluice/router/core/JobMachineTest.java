package dev.sluice.router.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.model.ErrorCode;
import dev.sluice.contract.model.Policy;
import dev.sluice.router.core.Notice.VerdictKind;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;

class JobMachineTest {
  private static JobDecision decide(Job job, JobCommand command) {
    return JobMachine.decide(job, command, Jobs.moment());
  }

  private static JobDecision.Moves moves(Job job, JobCommand command) {
    return assertInstanceOf(JobDecision.Moves.class, decide(job, command));
  }

  private static VerdictKind verdict(JobDecision decision) {
    return verdict(assertInstanceOf(JobDecision.Answers.class, decision).notices());
  }

  private static VerdictKind verdict(List<Notice> notices) {
    assertEquals(1, notices.size());
    return assertInstanceOf(Notice.Verdict.class, notices.getFirst()).kind();
  }

  @Test
  void aWaitingJobIsReleasedOnceAsItsFirstAttempt() {
    Job released = Jobs.released(Jobs.waiting(1));

    var phase = assertInstanceOf(Phase.Released.class, released.phase());
    assertEquals(1, phase.attempt());
    assertEquals(1, phase.release());
    assertInstanceOf(
        JobDecision.Ignores.class, decide(released, new JobCommand.Release(Jobs.PLACE)));
  }

  @Test
  void theFirstClaimRunsTheJobAndALaterOneIsDropped() {
    Job released = Jobs.released(Jobs.waiting(1));
    Job running = moves(released, Jobs.claim(1, 7)).after();

    assertEquals(7, assertInstanceOf(Phase.Running.class, running.phase()).claimId());
    assertEquals(VerdictKind.DROP, verdict(decide(running, Jobs.claim(1, 8))));
  }

  @Test
  void aClaimThatWaitsIsAnsweredAndARepeatOfTheHolderIsToldToRunAgain() {
    Job released = Jobs.released(Jobs.waiting(1));
    var moves = moves(released, Jobs.waitingClaim(1, 7));

    assertTrue(
        moves.notices().stream()
            .anyMatch(n -> n instanceof Notice.Verdict v && v.kind() == VerdictKind.RUN));
    assertEquals(VerdictKind.RUN, verdict(decide(moves.after(), Jobs.waitingClaim(1, 7))));
  }

  @Test
  void aClaimOfAnotherAttemptIsDropped() {
    assertEquals(
        VerdictKind.DROP, verdict(decide(Jobs.released(Jobs.waiting(1)), Jobs.claim(2, 7))));
  }

  @Test
  void aClaimOfAnUnknownJobIsDropped() {
    assertEquals(VerdictKind.DROP, verdict(JobMachine.decideUnknown(Jobs.claim(1, 7))));
  }

  @Test
  void successEndsTheJobWithOneResultAndADeliveredSettlement() {
    var moves = moves(Jobs.running(Jobs.waiting(1), 7), Jobs.success(1, 7, 30));

    var done = assertInstanceOf(Phase.Done.class, moves.after().phase());
    assertEquals(Phase.Status.SUCCEEDED, done.status());
    assertEquals(Optional.of(BigDecimal.ONE), moves.after().progress().owed());
    assertEquals(
        List.of(
            new Notice.Settlement(new LogPosition("sluice.commands", 0, 30), true),
            new Notice.Result()),
        moves.notices());
  }

  @Test
  void anAnswerThatNeededNoCallIsDeliveredAndOwesNothing() {
    JobCommand.Outcome success = Jobs.success(1, 7, 30);
    var answered =
        new JobCommand.Outcome(
            success.attempt(),
            success.claimId(),
            false,
            Optional.empty(),
            false,
            success.startedAt(),
            success.finishedAt(),
            Optional.empty(),
            success.spent(),
            success.position());

    var moves = moves(Jobs.running(Jobs.waiting(1), 7), answered);

    var done = assertInstanceOf(Phase.Done.class, moves.after().phase());
    assertEquals(Phase.Status.SUCCEEDED, done.status());
    assertEquals(Optional.of(BigDecimal.ZERO), moves.after().progress().owed());
    assertEquals(List.of(new Notice.Result()), moves.notices());
  }

  @Test
  void anOutcomeOfAClaimThatDoesNotHoldTheJobIsOwedButNotDelivered() {
    var answers =
        assertInstanceOf(
            JobDecision.Answers.class,
            decide(Jobs.running(Jobs.waiting(1), 7), Jobs.success(1, 8, 30)));

    assertEquals(
        List.of(new Notice.Settlement(new LogPosition("sluice.commands", 0, 30), false)),
        answers.notices());
  }

  @Test
  void anOutcomeOfAnUnknownJobIsOwedButNotDelivered() {
    var answers =
        assertInstanceOf(
            JobDecision.Answers.class, JobMachine.decideUnknown(Jobs.success(1, 8, 30)));

    assertEquals(
        List.of(new Notice.Settlement(new LogPosition("sluice.commands", 0, 30), false)),
        answers.notices());
  }

  @Test
  void aTransientFailureWaitsForItsBackOffAndKeepsWhatIsOwed() {
    var moves = moves(Jobs.running(Jobs.waiting(1), 7), Jobs.failure(1, 7, 30, FailureCause.DOWN));

    var waiting = assertInstanceOf(Phase.Waiting.class, moves.after().phase());
    assertTrue(waiting.notBefore().isAfter(Jobs.NOW));
    assertEquals(2, moves.after().nextAttempt());
    assertEquals(Optional.of(BigDecimal.ONE), moves.after().progress().owed());
  }

  @Test
  void aRefusalOfTheRequestFailsAtOnceWithTheProvidersWord() {
    var moves =
        moves(Jobs.running(Jobs.waiting(1), 7), Jobs.failure(1, 7, 30, FailureCause.REFUSED));

    var done = assertInstanceOf(Phase.Done.class, moves.after().phase());
    assertEquals(Phase.Status.FAILED, done.status());
    assertEquals(FailureCause.REFUSED, done.failure().orElseThrow().cause());
  }

  @Test
  void aJobFailsAfterItsLastAttempt() {
    Job job = Jobs.waiting(1);
    for (int attempt = 1; attempt <= 3; attempt++) {
      job = Jobs.after(job, new JobCommand.Release(Jobs.PLACE));
      job = Jobs.after(job, Jobs.claim(attempt, attempt));
      job = Jobs.after(job, Jobs.failure(attempt, attempt, attempt, FailureCause.DOWN));
      assertInstanceOf(Phase.Waiting.class, job.phase());
    }
    job = Jobs.after(job, new JobCommand.Release(Jobs.PLACE));
    job = Jobs.after(job, Jobs.claim(4, 4));
    job = Jobs.after(job, Jobs.failure(4, 4, 4, FailureCause.DOWN));

    assertEquals(Phase.Status.FAILED, assertInstanceOf(Phase.Done.class, job.phase()).status());
    assertEquals(4, job.progress().attempts().size());
  }

  @Test
  void aStreamThatHasShownAByteToItsCallerIsNeverTriedAgain() {
    Job running = Jobs.running(Jobs.streamingToACaller(Jobs.waiting(1)), 7);
    Failure down = Jobs.failureOf(FailureCause.DOWN);

    Job after = moves(running, Jobs.outcome(1, 7, 30, Optional.of(down), true)).after();

    var done = assertInstanceOf(Phase.Done.class, after.phase());
    assertEquals(ErrorCode.STREAM_INTERRUPTED, done.failure().orElseThrow().code());
  }

  @Test
  void aStreamThatHasShownNothingIsTriedAgain() {
    Job running = Jobs.running(Jobs.streamingToACaller(Jobs.waiting(1)), 7);
    Failure down = Jobs.failureOf(FailureCause.DOWN);

    Job after = moves(running, Jobs.outcome(1, 7, 30, Optional.of(down), false)).after();

    assertInstanceOf(Phase.Waiting.class, after.phase());
  }

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
  void aLostWorkerLeadsToAnotherAttemptAtOnceAndAnEstimatedSettlement() {
    var moves =
        moves(
            Jobs.running(Jobs.waiting(1), 7),
            new JobCommand.WorkerLost(Optional.of(BigDecimal.TEN)));

    var waiting = assertInstanceOf(Phase.Waiting.class, moves.after().phase());
    assertEquals(Jobs.NOW, waiting.notBefore());
    assertInstanceOf(Notice.LostSettlement.class, moves.notices().getFirst());
    assertEquals(Optional.of(BigDecimal.TEN), moves.after().progress().owed());
  }

  @Test
  void aWaitingJobSaysWhyItWaits() {
    Job running = Jobs.running(Jobs.waiting(1), 7);
    Job held =
        Jobs.after(
            Jobs.waiting(1), new JobCommand.Hold(Optional.of(Phase.Hold.provider(List.of()))));
    Job retrying = Jobs.after(running, Jobs.failure(1, 7, 30, FailureCause.DOWN));
    Job lost = Jobs.after(running, new JobCommand.WorkerLost(Optional.empty()));
    Job lostAndHeld =
        Jobs.after(lost, new JobCommand.Hold(Optional.of(Phase.Hold.provider(List.of()))));

    assertEquals(Optional.empty(), Jobs.waiting(1).waitReason());
    assertEquals(Optional.empty(), running.waitReason());
    assertEquals(Optional.of("provider"), held.waitReason());
    assertEquals(Optional.of("retry"), retrying.waitReason());
    assertEquals(Optional.of("worker_lost"), lost.waitReason());
    assertEquals(Optional.of("provider"), lostAndHeld.waitReason());
  }

  @Test
  void aTenantThatForbidsRepeatsGetsOutcomeUnknownWhenAWorkerIsLost() {
    Policy careful =
        new Policy(
            1,
            Map.of(
                "acme",
                new Policy.Tenant("acme", List.of(), Map.of(), Policy.OnCrash.FAIL_UNKNOWN, 4)),
            Map.of(),
            Map.of(),
            List.of());

    var decision =
        JobMachine.decide(
            Jobs.running(Jobs.waiting(1), 7),
            new JobCommand.WorkerLost(Optional.empty()),
            new JobMachine.Moment(careful, Jobs.NOW, 0.5));

    var after = assertInstanceOf(JobDecision.Moves.class, decision).after();
    var done = assertInstanceOf(Phase.Done.class, after.phase());
    assertEquals(ErrorCode.OUTCOME_UNKNOWN, done.failure().orElseThrow().code());
  }

  @Test
  void aReleaseSentAgainKeepsItsAttemptAndTellsTheWorkerToWait() {
    var moves = moves(Jobs.released(Jobs.waiting(1)), new JobCommand.ReleaseAgain());

    var released = assertInstanceOf(Phase.Released.class, moves.after().phase());
    assertEquals(1, released.attempt());
    assertEquals(2, released.release());
    assertEquals(List.of(new Notice.Work(true)), moves.notices());
  }

  @Test
  void aCommandReadAgainIsAnsweredFromStateAndSettledOnlyIfItWasNot() {
    Job running = Jobs.running(Jobs.waiting(1), 7);
    Job done = Jobs.after(running, Jobs.success(1, 7, 30));

    assertEquals(
        VerdictKind.RUN, verdict(JobMachine.decideAgain(running, Jobs.waitingClaim(1, 7))));
    assertInstanceOf(
        JobDecision.Ignores.class, JobMachine.decideAgain(done, Jobs.success(1, 7, 30)));
    assertInstanceOf(
        JobDecision.Answers.class, JobMachine.decideAgain(done, Jobs.success(1, 8, 29)));
  }

  @Test
  void aRetryAfterOfTheProviderIsAFloorUpToItsCap() {
    Failure throttled =
        new Failure(
            ErrorCode.PROVIDER_THROTTLED,
            FailureCause.THROTTLED,
            "slow down",
            429,
            Optional.of(Duration.ofSeconds(20)));

    var next =
        RetryPolicy.decide(
            throttledOnce(), throttled, new JobMachine.Moment(Jobs.policy(64), Jobs.NOW, 0.0));

    assertEquals(
        Jobs.NOW.plusSeconds(20), assertInstanceOf(RetryPolicy.Next.Again.class, next).notBefore());
  }

  @Test
  void aTypedFallbackGoesAtOnceToARouteThatHasNotFailed() {
    Policy.Fallback fallback =
        new Policy.Fallback("q", "y", Set.of(Policy.FallbackCause.THROTTLED));
    Failure throttled = Jobs.failureOf(FailureCause.THROTTLED);

    var next =
        RetryPolicy.decide(
            throttledOnce(),
            throttled,
            new JobMachine.Moment(Jobs.policy(64, fallback), Jobs.NOW, 0.5));

    var again = assertInstanceOf(RetryPolicy.Next.Again.class, next);
    assertEquals("q", again.placement().pool());
    assertEquals(
        List.of(new RouteChoice.Rejected("p", "x", "failed: throttled")),
        again.placement().choice().rejected());
    assertEquals(Jobs.NOW, again.notBefore());
  }

  private static Job throttledOnce() {
    return Jobs.after(
        Jobs.running(Jobs.waiting(1), 7), Jobs.failure(1, 7, 1, FailureCause.THROTTLED));
  }

  @Test
  void aHeldJobSaysAnewWhyWhenThatHasChanged() {
    var away = List.of(new RouteChoice.Rejected("p", "x", "the pool takes no work now"));
    var outside = List.of(new RouteChoice.Rejected("p", "x", "its condition is false"));
    Job held =
        Jobs.after(Jobs.waiting(1), new JobCommand.Hold(Optional.of(Phase.Hold.provider(away))));

    assertInstanceOf(
        JobDecision.Ignores.class,
        JobMachine.decide(
            held, new JobCommand.Hold(Optional.of(Phase.Hold.provider(away))), Jobs.moment()));
    Job again = Jobs.after(held, new JobCommand.Hold(Optional.of(Phase.Hold.provider(outside))));

    assertEquals(
        outside,
        assertInstanceOf(Phase.Waiting.class, again.phase()).hold().orElseThrow().rejected());
  }

  @Test
  void factsThatWereReadBackAreKeptOnceAndWhileItWaits() {
    RouteFacts facts =
        new RouteFacts("/v1/embeddings", 3, OptionalLong.empty(), Map.of("a", "b"), Map.of());
    JobCommand recall = new JobCommand.Recall(facts);

    Job knowing = Jobs.after(Jobs.waiting(1), recall);

    assertEquals(Optional.of(facts), knowing.facts());
    assertEquals(Optional.of(facts), Jobs.running(knowing, 7).facts());
    assertInstanceOf(JobDecision.Ignores.class, JobMachine.decide(knowing, recall, Jobs.moment()));
    assertInstanceOf(
        JobDecision.Ignores.class,
        JobMachine.decide(Jobs.released(Jobs.waiting(1)), recall, Jobs.moment()));
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
