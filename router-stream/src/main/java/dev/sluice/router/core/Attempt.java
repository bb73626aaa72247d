package dev.sluice.router.core;

import dev.sluice.contract.model.ErrorCode;
import java.time.Instant;
import java.util.Optional;

/// One ended attempt of a job.
///
/// @param number from 1
/// @param claimId claim that ran it
/// @param cause NONE when it delivered
/// @param code error code when it failed
/// @param providerStatus HTTP status of the provider, 0 when none came
/// @param startedAt when the call started; empty when none was
/// @param outcome where its outcome is; empty when the worker was lost
public record Attempt(
    int number,
    String pool,
    String model,
    long claimId,
    FailureCause cause,
    Optional<ErrorCode> code,
    int providerStatus,
    Optional<Instant> startedAt,
    Instant finishedAt,
    Optional<LogPosition> outcome) {

  /// Whether the provider was called, or may have been.
  public boolean called() {
    return startedAt.isPresent();
  }

  /// Whether the provider was called: of a lost worker's attempt nobody knows.
  public boolean surelyCalled() {
    return called() && cause != FailureCause.WORKER_LOST;
  }

  /// Whether its worker made no call because the pool was known to be down, or its provider's rate
  /// limit used up: the job is where it was before.
  public boolean givenBack() {
    return !called() && (cause == FailureCause.DOWN || cause == FailureCause.THROTTLED);
  }

  /// An attempt that its worker reported.
  static Attempt reported(Phase.Running claim, JobCommand.Outcome outcome) {
    boolean delivered = outcome.failure().isEmpty();
    return new Attempt(
        claim.attempt(),
        claim.placement().pool(),
        claim.placement().model(),
        claim.claimId(),
        outcome.failure().map(Failure::cause).orElse(FailureCause.NONE),
        outcome.failure().map(Failure::code),
        outcome.failure().map(Failure::providerStatus).orElse(200),
        Optional.of(outcome.startedAt()).filter(_ -> delivered || outcome.called()),
        outcome.finishedAt(),
        Optional.of(outcome.position()));
  }

  /// An attempt whose worker was lost before it reported.
  static Attempt lost(Phase.Running claim, Instant now) {
    return new Attempt(
        claim.attempt(),
        claim.placement().pool(),
        claim.placement().model(),
        claim.claimId(),
        FailureCause.WORKER_LOST,
        Optional.of(ErrorCode.OUTCOME_UNKNOWN),
        0,
        Optional.of(claim.since()),
        now,
        Optional.empty());
  }
}
