package dev.sluice.router.core;

/// What the world is told about a transition. Together with the job's record a notice says all that
/// is needed to write its record again after a crash.
public sealed interface Notice {

  /// The single writer has taken the job: the first thing anyone hears of it.
  record Admitted() implements Notice {}

  /// The job's new state, to whoever watches it.
  record State() implements Notice {}

  /// A release, to the pool's workers.
  ///
  /// @param repeat whether a worker must wait for the verdict before it calls
  record Work(boolean repeat) implements Notice {}

  /// The answer to a claim, or the end of a call.
  ///
  /// @param ask which ask of the claim it answers, from 0
  record Verdict(
      String worker, int inboxPartition, int attempt, long claimId, int ask, VerdictKind kind)
      implements Notice {

    /// What holds whatever was asked of this claim before.
    static Verdict unasked(Phase.Running claim, VerdictKind kind) {
      return new Verdict(
          claim.worker(), claim.inboxPartition(), claim.attempt(), claim.claimId(), 0, kind);
    }
  }

  /// What an attempt used, to the ledger.
  ///
  /// @param outcome where the attempt's outcome is
  /// @param delivered whether its answer is the job's result, and so is charged
  record Settlement(LogPosition outcome, boolean delivered) implements Notice {}

  /// An attempt whose worker was lost: what it used can only be estimated.
  record LostSettlement(Attempt attempt) implements Notice {}

  /// What an answer that was kept is charged, to the ledger; no call was made for it.
  record CacheCharge() implements Notice {}

  /// The terminal record.
  record Result() implements Notice {}

  /// How a claim fares.
  enum VerdictKind {
    RUN,
    DROP,
    CANCEL
  }
}
