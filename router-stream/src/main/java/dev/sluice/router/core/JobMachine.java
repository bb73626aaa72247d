package dev.sluice.router.core;

import dev.sluice.contract.model.ErrorCode;
import dev.sluice.contract.model.Policy;
import dev.sluice.router.core.JobDecision.Answers;
import dev.sluice.router.core.JobDecision.Ignores;
import dev.sluice.router.core.JobDecision.Moves;
import dev.sluice.router.core.Notice.Verdict;
import dev.sluice.router.core.Notice.VerdictKind;
import dev.sluice.router.core.Phase.Done;
import dev.sluice.router.core.Phase.LastCall;
import dev.sluice.router.core.Phase.Released;
import dev.sluice.router.core.Phase.Running;
import dev.sluice.router.core.Phase.Status;
import dev.sluice.router.core.Phase.Waiting;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The state machine of one job. Every change of a job is decided here, and only here; the picture
/// is in `docs/job-lifecycle.md`.
///
/// Invariants: how a job ended never changes; at most one claim holds an attempt; a claim that does
/// not hold it is told to drop; every call of a holder is settled exactly once, delivered or not,
/// by its outcome or by the end of its worker's lease.
public final class JobMachine {

  private JobMachine() {}

  /// What the moment of a decision brings.
  ///
  /// @param jitter a random number in 0..1, for back-off
  /// @param routes the policy in force and what routing goes by
  /// @param budget what retries may still be made
  public record Moment(RouteMoment routes, double jitter, RetryBudgets.View budget) {

    /// A moment when every pool is well, under a policy without conditions.
    public Moment(Policy policy, Instant now, double jitter) {
      this(RouteMoment.plain(policy, _ -> true, now), jitter, RetryBudgets.View.UNBOUNDED);
    }

    public Policy policy() {
      return routes.plans().policy();
    }

    public Instant now() {
      return routes.now();
    }
  }

  /// Decides what a command does to a live job.
  public static JobDecision decide(Job job, JobCommand command, Moment moment) {
    return switch (command) {
      case JobCommand.Release release -> release(job, release, moment);
      case JobCommand.ReleaseAgain _ -> releaseAgain(job, moment);
      case JobCommand.Claim claim -> claim(job, claim, moment);
      case JobCommand.Outcome outcome -> CallEnds.outcome(job, outcome, moment);
      case JobCommand.Cancel _ -> cancel(job, moment);
      case JobCommand.Join join -> Callers.join(job, join);
      case JobCommand.Leave leave -> Callers.leave(job, leave, moment);
      case JobCommand.Erase _ -> erase(job, moment);
      case JobCommand.Reprioritise other -> reprioritise(job, other);
      case JobCommand.Expire _ -> end(job, Status.EXPIRED, EXPIRED, moment);
      case JobCommand.WorkerLost lost -> CallEnds.workerLost(job, lost, moment);
      case JobCommand.Hold hold -> hold(job, hold);
      case JobCommand.Recall recall -> recall(job, recall);
      case JobCommand.Answer answer -> CacheRule.answer(job, answer.hit(), moment);
      case JobCommand.Follow follow -> CacheRule.follow(job, follow);
      case JobCommand.Refuse refuse -> end(job, Status.FAILED, refuse.failure(), moment);
    };
  }

  /// Answers a command about a job that is unknown or long done.
  public static JobDecision decideUnknown(JobCommand command) {
    return switch (command) {
      case JobCommand.Claim claim -> new Answers(List.of(drop(claim)));
      case JobCommand.Outcome outcome -> CallEnds.unknown(outcome);
      case JobCommand.Release _,
          JobCommand.ReleaseAgain _,
          JobCommand.Cancel _,
          JobCommand.Join _,
          JobCommand.Leave _,
          JobCommand.Erase _,
          JobCommand.Reprioritise _,
          JobCommand.Expire _,
          JobCommand.WorkerLost _,
          JobCommand.Hold _,
          JobCommand.Recall _,
          JobCommand.Answer _,
          JobCommand.Follow _,
          JobCommand.Refuse _ ->
          new Ignores();
    };
  }

  /// Answers a command that was applied before a crash and is read again: state already holds what
  /// it did, but an answer without a transition of its own may have been lost.
  public static JobDecision decideAgain(Job job, JobCommand command) {
    return switch (command) {
      case JobCommand.Claim claim -> claimAgain(job, claim);
      case JobCommand.Outcome outcome -> CallEnds.again(job, outcome);
      case JobCommand.Release _,
          JobCommand.ReleaseAgain _,
          JobCommand.Cancel _,
          JobCommand.Join _,
          JobCommand.Leave _,
          JobCommand.Erase _,
          JobCommand.Reprioritise _,
          JobCommand.Expire _,
          JobCommand.WorkerLost _,
          JobCommand.Hold _,
          JobCommand.Recall _,
          JobCommand.Answer _,
          JobCommand.Follow _,
          JobCommand.Refuse _ ->
          new Ignores();
    };
  }

  private static final Failure CANCELLED =
      Failure.of(ErrorCode.CANCELLED, FailureCause.CANCELLED, "the job was cancelled");
  private static final Failure EXPIRED =
      Failure.of(
          ErrorCode.DEADLINE_EXCEEDED,
          FailureCause.EXPIRED,
          "the deadline passed before the job ended; allow more time or a more urgent priority");

  private static JobDecision release(Job job, JobCommand.Release release, Moment moment) {
    if (!(job.phase() instanceof Waiting)) {
      return new Ignores();
    }
    int attempt = job.nextAttempt();
    Job after = job.moved(new Released(release.placement(), attempt, 1, moment.now()));
    if (attempt == 1) {
      after = ShadowRule.cast(after, moment.routes());
    }
    return new Moves(after, List.of(new Notice.Work(false)));
  }

  private static JobDecision releaseAgain(Job job, Moment moment) {
    if (job.phase() instanceof Done done && done.lastCall() instanceof LastCall.Unclaimed) {
      return new Moves(job.moved(done.with(new LastCall.Accounted())), List.of());
    }
    if (!(job.phase() instanceof Released released)) {
      return new Ignores();
    }
    Job after =
        job.moved(
            new Released(
                released.placement(), released.attempt(), released.release() + 1, moment.now()));
    return new Moves(after, List.of(new Notice.Work(true)));
  }

  private static JobDecision claim(Job job, JobCommand.Claim claim, Moment moment) {
    if (job.phase() instanceof Done done
        && done.lastCall() instanceof LastCall.Unclaimed(Released out)
        && out.attempt() == claim.attempt()) {
      LastCall lastCall =
          claim.awaitsVerdict()
              ? new LastCall.Accounted()
              : new LastCall.Open(out.claimed(claim, claimedAt(claim, out, moment)));
      return new Moves(job.moved(done.with(lastCall)), List.of(drop(claim)));
    }
    if (!(job.phase() instanceof Released released) || released.attempt() != claim.attempt()) {
      return claimAgain(job, claim);
    }
    Running running = released.claimed(claim, claimedAt(claim, released, moment));
    List<Notice> notices = new ArrayList<>(2);
    notices.add(new Notice.State());
    if (claim.awaitsVerdict()) {
      notices.add(verdict(claim, VerdictKind.RUN));
    }
    return new Moves(job.started(running.since(), running), notices);
  }

  /// When the broker took it, as far as its clock may be believed: all else is counted by this
  /// one's, by which a claim is made after its release and before it is read.
  private static Instant claimedAt(JobCommand.Claim claim, Released released, Moment moment) {
    Instant at = claim.at().isBefore(released.at()) ? released.at() : claim.at();
    return at.isAfter(moment.now()) ? moment.now() : at;
  }

  private static JobDecision claimAgain(Job job, JobCommand.Claim claim) {
    boolean holds = job.phase() instanceof Running running && running.claimId() == claim.claimId();
    return new Answers(List.of(holds ? verdict(claim, VerdictKind.RUN) : drop(claim)));
  }

  /// A repeat of an erased job is a job of its own.
  private static JobDecision erase(Job job, Moment moment) {
    Job nameless = job.withoutRepeat().unkept();
    if (job.done()) {
      return nameless.equals(job)
          ? new Ignores()
          : new Moves(nameless.moved(job.phase()), List.of());
    }
    return cancel(nameless, moment);
  }

  private static JobDecision hold(Job job, JobCommand.Hold hold) {
    if (!(job.phase() instanceof Waiting waiting) || same(waiting.hold(), hold.why())) {
      return new Ignores();
    }
    return new Moves(
        job.moved(new Waiting(waiting.notBefore(), waiting.next(), hold.why())),
        List.of(new Notice.State()));
  }

  /// A hold whose end is expected at another time is no news.
  private static boolean same(Optional<Phase.Hold> before, Optional<Phase.Hold> after) {
    return before.isEmpty()
        ? after.isEmpty()
        : after.isPresent() && before.get().sameAs(after.get());
  }

  /// What has been released goes on as it is: its work record names its class and its deadline.
  private static JobDecision reprioritise(Job job, JobCommand.Reprioritise other) {
    Instant latest = job.id().createdAt().plus(Job.LONGEST);
    Instant asked = other.deadline().orElse(job.deadline());
    Job after =
        job.asUrgentAs(
            other.priority().orElse(job.priority()), asked.isAfter(latest) ? latest : asked);
    return job.phase() instanceof Waiting && !after.equals(job)
        ? new Moves(after.moved(job.phase()), List.of(new Notice.State()))
        : new Ignores();
  }

  private static JobDecision recall(Job job, JobCommand.Recall recall) {
    return job.phase() instanceof Waiting && job.facts().isEmpty()
        ? new Moves(job.knowing(recall.facts()).moved(job.phase()), List.of())
        : new Ignores();
  }

  /// The job ends because nobody wants its answer any more.
  static JobDecision cancel(Job job, Moment moment) {
    return end(job, Status.CANCELLED, CANCELLED, moment);
  }

  private static JobDecision end(Job job, Status status, Failure failure, Moment moment) {
    return switch (job.phase()) {
      case Done _ -> new Ignores();
      case Waiting _ -> unclaimed(job, status, failure, new LastCall.Accounted(), moment);
      case Released out ->
          unclaimed(job, status, failure, new LastCall.Unclaimed(out.untold()), moment);
      case Running running ->
          new Moves(
              job.moved(
                  Done.taken(
                      status, running, failure, moment.now(), new LastCall.Open(running.untold()))),
              List.of(new Notice.Result(), Verdict.unasked(running, VerdictKind.CANCEL)));
    };
  }

  private static JobDecision unclaimed(
      Job job, Status status, Failure failure, LastCall lastCall, Moment moment) {
    return new Moves(
        job.moved(Done.unclaimed(status, failure, moment.now(), lastCall)),
        List.of(new Notice.Result()));
  }

  private static Notice drop(JobCommand.Claim claim) {
    return verdict(claim, VerdictKind.DROP);
  }

  private static Notice verdict(JobCommand.Claim claim, VerdictKind kind) {
    return new Verdict(
        claim.worker(),
        claim.inboxPartition(),
        claim.attempt(),
        claim.claimId(),
        claim.ask(),
        kind);
  }
}
