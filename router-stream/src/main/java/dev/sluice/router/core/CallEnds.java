package dev.sluice.router.core;

import dev.sluice.contract.model.ErrorCode;
import dev.sluice.contract.model.Policy;
import dev.sluice.router.core.JobDecision.Answers;
import dev.sluice.router.core.JobDecision.Ignores;
import dev.sluice.router.core.JobDecision.Moves;
import dev.sluice.router.core.JobMachine.Moment;
import dev.sluice.router.core.Phase.Done;
import dev.sluice.router.core.Phase.LastCall;
import dev.sluice.router.core.Phase.Released;
import dev.sluice.router.core.Phase.Running;
import dev.sluice.router.core.Phase.Status;
import dev.sluice.router.core.Phase.Waiting;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What the end of a call means for its job: it is answered, tried again or given up, and whatever
/// is owed is settled exactly once.
final class CallEnds {

  private CallEnds() {}

  /// The outcome that a worker told.
  static JobDecision outcome(Job job, JobCommand.Outcome outcome, Moment moment) {
    if (!(job.phase() instanceof Running running) || running.claimId() != outcome.claimId()) {
      return late(job, outcome);
    }
    Attempt attempt = Attempt.reported(running, outcome);
    Optional<BigDecimal> price = outcome.called() ? outcome.price() : Optional.of(BigDecimal.ZERO);
    List<Notice> notices = new ArrayList<>(3);
    if (outcome.called()) {
      // Nobody is given what a copy answers, so nobody pays for it.
      boolean delivered = outcome.failure().isEmpty() && !job.isCopy();
      notices.add(new Notice.Settlement(outcome.position(), delivered));
    }
    if (outcome.failure().isEmpty()) {
      notices.add(new Notice.Result());
      return new Moves(
          CacheRule.answered(job, outcome.called() ? outcome.charge() : price, moment)
              .delivered(
                  attempt,
                  price,
                  outcome.spent(),
                  Done.reported(
                      Status.SUCCEEDED, running, outcome, Optional.empty(), moment.now())),
          notices);
    }
    Failure failure = outcome.failure().get();
    if (job.delivery().attached() && job.delivery().stream() && outcome.streamed()) {
      // The caller has seen a part: another attempt could not be joined to it unseen.
      notices.add(new Notice.Result());
      return new Moves(
          job.ended(attempt, price, failed(running, outcome, interrupted(failure), moment)),
          notices);
    }
    Job tried = job.ended(attempt, price, running);
    return switch (RetryPolicy.decide(tried, failure, moment)) {
      case RetryPolicy.Next.Again again -> {
        notices.add(new Notice.State());
        yield new Moves(
            job.ended(
                attempt,
                price,
                new Waiting(again.notBefore(), Optional.of(again.placement()), Optional.empty())),
            notices);
      }
      case RetryPolicy.Next.GiveUp _ -> {
        notices.add(new Notice.Result());
        yield new Moves(
            job.ended(attempt, price, failed(running, outcome, failure, moment)), notices);
      }
    };
  }

  /// The lease of a worker has ended that may be running the job.
  static JobDecision workerLost(Job job, JobCommand.WorkerLost lost, Moment moment) {
    return switch (job.phase()) {
      case Running running -> holderLost(job, running, lost, moment);
      case Done done when done.lastCall() instanceof LastCall.Open(Running claim) -> {
        Attempt attempt = Attempt.lost(claim, moment.now());
        yield new Moves(
            job.moved(done.with(new LastCall.Lost(attempt))),
            List.of(new Notice.LostSettlement(attempt)));
      }
      case Waiting _, Released _, Done _ -> new Ignores();
    };
  }

  private static JobDecision holderLost(
      Job job, Running running, JobCommand.WorkerLost lost, Moment moment) {
    Attempt attempt = Attempt.lost(running, moment.now());
    Failure failure =
        RetryPolicy.terminal(
            Failure.of(ErrorCode.OUTCOME_UNKNOWN, FailureCause.WORKER_LOST, "worker lost"));
    List<Notice> notices = new ArrayList<>(2);
    notices.add(new Notice.LostSettlement(attempt));
    boolean mayRepeat =
        moment
                .policy()
                .tenant(job.tenant())
                .map(Policy.Tenant::onCrash)
                .orElse(Policy.OnCrash.RETRY)
            == Policy.OnCrash.RETRY;
    RetryPolicy.Next next =
        mayRepeat
            ? RetryPolicy.decide(job.ended(attempt, lost.price(), running), failure, moment)
            : new RetryPolicy.Next.GiveUp();
    Phase after =
        switch (next) {
          case RetryPolicy.Next.Again again ->
              new Waiting(again.notBefore(), Optional.of(again.placement()), Optional.empty());
          case RetryPolicy.Next.GiveUp _ ->
              Done.taken(Status.FAILED, running, failure, moment.now(), new LastCall.Accounted());
        };
    notices.add(after instanceof Done ? new Notice.Result() : new Notice.State());
    return new Moves(job.ended(attempt, lost.price(), after), notices);
  }

  private static Done failed(
      Running running, JobCommand.Outcome outcome, Failure failure, Moment moment) {
    Status status =
        switch (failure.cause()) {
          case CANCELLED -> Status.CANCELLED;
          case EXPIRED -> Status.EXPIRED;
          case NONE,
              THROTTLED,
              DOWN,
              TIMEOUT,
              TOO_LONG,
              REFUSED,
              INVALID_KEY,
              BAD_ANSWER,
              WORKER_LOST,
              INTERNAL ->
              Status.FAILED;
        };
    return Done.reported(status, running, outcome, Optional.of(failure), moment.now());
  }

  private static Failure interrupted(Failure failure) {
    return new Failure(
        ErrorCode.STREAM_INTERRUPTED,
        failure.cause(),
        "the provider broke off in the middle of the stream: " + failure.message(),
        failure.providerStatus(),
        failure.retryAfter());
  }

  /// Whether this very outcome has been settled by a transition of the job.
  private static boolean settledBy(Job job, JobCommand.Outcome outcome) {
    for (Attempt attempt : job.progress().attempts()) {
      if (attempt.outcome().isPresent() && attempt.outcome().get().equals(outcome.position())) {
        return true;
      }
    }
    return false;
  }

  /// An outcome of a claim that does not hold the job. Of the claim it was taken from, it is the
  /// word that the job was kept for.
  private static JobDecision late(Job job, JobCommand.Outcome outcome) {
    if (job.phase() instanceof Done done
        && done.lastCall() instanceof LastCall.Open(Running claim)
        && claim.claimId() == outcome.claimId()) {
      return new Moves(job.moved(done.with(new LastCall.Accounted())), owed(outcome));
    }
    return again(job, outcome);
  }

  /// An outcome that no longer matters to its job is still owed to the provider.
  private static List<Notice> owed(JobCommand.Outcome outcome) {
    return outcome.called() ? List.of(new Notice.Settlement(outcome.position(), false)) : List.of();
  }

  private static JobDecision answered(List<Notice> notices) {
    return notices.isEmpty() ? new Ignores() : new Answers(notices);
  }

  /// The outcome of a job that is unknown or long done.
  static JobDecision unknown(JobCommand.Outcome outcome) {
    return answered(owed(outcome));
  }

  /// An outcome that was taken before a crash and is read again.
  static JobDecision again(Job job, JobCommand.Outcome outcome) {
    return settledBy(job, outcome) ? new Ignores() : answered(owed(outcome));
  }
}
