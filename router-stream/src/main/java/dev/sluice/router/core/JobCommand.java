package dev.sluice.router.core;

import dev.sluice.contract.model.JobId;
import dev.sluice.contract.model.Priority;
import dev.sluice.router.core.limits.Spent;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Optional;

/// All that can happen to a job after its submission.
public sealed interface JobCommand {

  /// The scheduler found room for it.
  record Release(Placement placement) implements JobCommand {}

  /// Its work record seems lost, or was sent before a takeover: send it again, if it still matters.
  record ReleaseAgain() implements JobCommand {}

  /// A worker wants to run it.
  ///
  /// @param awaitsVerdict whether the worker waits for an answer before it calls
  /// @param ask which ask of this claim it is, from 0
  /// @param at when the broker took it, which may be a while before it is read
  record Claim(
      int attempt,
      long claimId,
      String worker,
      int inboxPartition,
      boolean awaitsVerdict,
      int ask,
      Instant at)
      implements JobCommand {}

  /// A worker reports how an attempt ended.
  ///
  /// @param called whether a provider call was started
  /// @param failure empty when it delivered
  /// @param streamed whether the caller may have seen a part of the answer
  /// @param price what the call owes, USD; empty when unpriced
  /// @param charge what its answer is charged if it is the one delivered, USD; empty when unpriced
  /// @param spent what its answer uses of the tenant's limits, if it is the one delivered
  /// @param position where the outcome is in the log
  record Outcome(
      int attempt,
      long claimId,
      boolean called,
      Optional<Failure> failure,
      boolean streamed,
      Instant startedAt,
      Instant finishedAt,
      Optional<BigDecimal> price,
      Optional<BigDecimal> charge,
      Spent spent,
      LogPosition position)
      implements JobCommand {

    /// A call whose answer is charged what it owes.
    public Outcome(
        int attempt,
        long claimId,
        boolean called,
        Optional<Failure> failure,
        boolean streamed,
        Instant startedAt,
        Instant finishedAt,
        Optional<BigDecimal> price,
        Spent spent,
        LogPosition position) {
      this(
          attempt,
          claimId,
          called,
          failure,
          streamed,
          startedAt,
          finishedAt,
          price,
          price,
          spent,
          position);
    }
  }

  /// Someone wants it to end.
  record Cancel(String reason) implements JobCommand {}

  /// A repeat of its submission was read.
  ///
  /// @param by the repeat's own id
  /// @param waits whether a caller waits for the answer under that id
  record Join(JobId by, boolean waits) implements JobCommand {}

  /// A caller that waited for it has left.
  ///
  /// @param caller id of the submission that the caller waited under
  record Leave(JobId caller) implements JobCommand {}

  /// It must look as if it had never been.
  record Erase() implements JobCommand {}

  /// It is to wait in another class, or until another deadline.
  ///
  /// @param priority empty to stay in its class
  /// @param deadline empty to keep its deadline
  record Reprioritise(Optional<Priority> priority, Optional<Instant> deadline)
      implements JobCommand {}

  /// Its deadline has passed.
  record Expire() implements JobCommand {}

  /// The worker that ran it, or that it was taken from, is gone.
  ///
  /// @param price estimate of what the lost call owes, USD; empty when unpriced
  record WorkerLost(Optional<BigDecimal> price) implements JobCommand {}

  /// Nothing may take it now, or something may again.
  record Hold(Optional<Phase.Hold> why) implements JobCommand {}

  /// What routing asks of its submission was read back.
  record Recall(RouteFacts facts) implements JobCommand {}

  /// An answer that is kept is its answer.
  record Answer(CacheUse.Hit hit) implements JobCommand {}

  /// Another equal job makes the call, and it waits for that one's answer; or it makes the call
  /// itself.
  record Follow(Optional<JobId> leader) implements JobCommand {}

  /// It can never run.
  record Refuse(Failure failure) implements JobCommand {}
}
