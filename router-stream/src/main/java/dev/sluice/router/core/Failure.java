package dev.sluice.router.core;

import dev.sluice.contract.model.ErrorCode;
import java.time.Duration;
import java.util.Optional;

/// Why an attempt or a job failed.
///
/// @param message for the caller: what happened and what to do
/// @param providerStatus HTTP status of the provider, 0 when none came
/// @param retryAfter the provider's Retry-After
public record Failure(
    ErrorCode code,
    FailureCause cause,
    String message,
    int providerStatus,
    Optional<Duration> retryAfter) {

  public static Failure of(ErrorCode code, FailureCause cause, String message) {
    return new Failure(code, cause, message, 0, Optional.empty());
  }
}
