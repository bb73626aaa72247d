package dev.sluice.router.core;

import static dev.sluice.router.core.Jobs.decide;
import static dev.sluice.router.core.Jobs.moves;
import static dev.sluice.router.core.Jobs.verdict;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.model.ErrorCode;
import dev.sluice.contract.model.Policy;
import dev.sluice.router.core.Notice.VerdictKind;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;

class JobMachineTest {
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
  void aVerdictNamesTheAskThatItAnswers() {
    var third = new JobCommand.Claim(1, 7, "w", 0, true, 2, Jobs.NOW);

    JobDecision decision =
        JobMachine.decide(Jobs.running(Jobs.waiting(1), 7), third, Jobs.moment());

    assertEquals(
        List.of(new Notice.Verdict("w", 0, 1, 7, 2, Notice.VerdictKind.RUN)),
        assertInstanceOf(JobDecision.Answers.class, decision).notices());
  }

  @Test
  void aClaimThatIsReadLateBeganWhenItWasLogged() {
    var claim = new JobCommand.Claim(1, 7, "w", 0, false, 0, Jobs.NOW.plusMillis(90));

    Job running = after(claim, Jobs.NOW.plusMillis(200));

    assertEquals(Optional.of(Jobs.NOW.plusMillis(90)), running.progress().startedAt());
    assertEquals(Jobs.NOW.plusMillis(90), ((Phase.Running) running.phase()).since());
  }

  @Test
  void aClaimBeginsWithItsReleaseWhereTheBrokersClockIsBehind() {
    var claim = new JobCommand.Claim(1, 7, "w", 0, false, 0, Jobs.NOW.minusMillis(90));

    Job running = after(claim, Jobs.NOW.plusMillis(200));

    assertEquals(Optional.of(Jobs.NOW), running.progress().startedAt());
  }

  /// A job that was released at [Jobs#NOW], after its claim was read.
  private static Job after(JobCommand.Claim claim, Instant read) {
    Job released = Jobs.released(Jobs.waiting(1));
    var moment = new JobMachine.Moment(Jobs.policy(64), read, 0.5);
    return assertInstanceOf(JobDecision.Moves.class, JobMachine.decide(released, claim, moment))
        .after();
  }

  /// Or the time of a lost call would be negative.
  @Test
  void aClaimBeginsNowWhereTheBrokersClockIsAhead() {
    var claim = new JobCommand.Claim(1, 7, "w", 0, false, 0, Jobs.NOW.plusMillis(90));

    Job running = Jobs.after(Jobs.released(Jobs.waiting(1)), claim);

    assertEquals(Optional.of(Jobs.NOW), running.progress().startedAt());
  }

  @Test
  void aJobThatWasGivenBackHasNotBegun() {
    Job back = Jobs.after(Jobs.running(Jobs.waiting(1), 7), Jobs.givenBack(1, 7, 30));

    assertEquals(Optional.empty(), back.progress().startedAt());
    assertEquals(Optional.empty(), back.progress().firstCallAt());
  }

  /// Nobody knows whether a lost worker called: limits count from the next claim, people are told
  /// of the first.
  @Test
  void aJobWhoseWorkerWasLostBeginsAnew() {
    Job lost =
        Jobs.after(Jobs.running(Jobs.waiting(1), 7), new JobCommand.WorkerLost(Optional.empty()));
    var later = new JobMachine.Moment(Jobs.policy(64), Jobs.NOW.plusSeconds(9), 0.5);

    Job again = after(after(lost, Jobs.release(), later), Jobs.claim(2, 8), later);

    assertEquals(Optional.empty(), lost.progress().startedAt());
    assertEquals(Optional.of(Jobs.NOW.plusSeconds(9)), again.progress().startedAt());
    assertEquals(Optional.of(Jobs.NOW), again.progress().firstCallAt());
  }

  private static Job after(Job job, JobCommand command, JobMachine.Moment moment) {
    return ((JobDecision.Moves) JobMachine.decide(job, command, moment)).after();
  }
}
