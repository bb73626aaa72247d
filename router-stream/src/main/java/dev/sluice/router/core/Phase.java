package dev.sluice.router.core;

import java.time.Instant;
import java.util.Optional;

/// Where a live job is. A job goes Waiting → Released → Running → Done, back to Waiting for a
/// retry, and may end from anywhere; Done never changes.
public sealed interface Phase {

  /// In the tenant's backlog. Everything about it can still change for free.
  ///
  /// @param notBefore earliest release; the past when it may go now
  /// @param next where a fallback or retry wants it; empty to route by the policy in force
  /// @param holdReason why it must not run now; empty when it merely waits its turn
  record Waiting(Instant notBefore, Optional<Placement> next, Optional<String> holdReason)
      implements Phase {}

  /// Sent to a pool's work topic, not yet claimed.
  ///
  /// @param attempt from 1
  /// @param release how often this attempt was sent, from 1
  record Released(Placement placement, int attempt, int release, Instant at) implements Phase {}

  /// Claimed: the worker calls, or is about to.
  record Running(
      Placement placement,
      int attempt,
      int release,
      String worker,
      int inboxPartition,
      long claimId,
      Instant since)
      implements Phase {}

  /// Ended. Kept until its outputs are surely delivered.
  ///
  /// @param placement where the last attempt ran
  /// @param claimId claim whose outcome ended it, 0 when none
  /// @param outcome where that outcome is; empty when none ended it
  /// @param failure why it did not succeed
  record Done(
      Status status,
      Optional<Placement> placement,
      long claimId,
      Optional<LogPosition> outcome,
      Optional<Failure> failure,
      Instant at)
      implements Phase {}

  /// The terminal states.
  enum Status {
    SUCCEEDED,
    FAILED,
    CANCELLED,
    EXPIRED
  }
}
