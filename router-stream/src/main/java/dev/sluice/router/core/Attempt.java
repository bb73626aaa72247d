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
    Optional<LogPosition> outcome) {}
