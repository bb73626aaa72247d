package dev.sluice.router.topology;

import dev.sluice.contract.avro.AttemptError;
import dev.sluice.contract.avro.AttemptSummary;
import dev.sluice.contract.model.ErrorCode;
import dev.sluice.router.core.Attempt;
import dev.sluice.router.core.Failure;
import dev.sluice.router.core.FailureCause;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// Attempts and failures in records.
final class AttemptRecords {

  private static final Map<FailureCause, dev.sluice.contract.avro.FailureCause> CAUSES =
      Arrays.stream(FailureCause.values())
          .collect(
              Collectors.toMap(
                  cause -> cause,
                  cause -> dev.sluice.contract.avro.FailureCause.valueOf(cause.name())));

  private AttemptRecords() {}

  static AttemptSummary summary(Attempt attempt) {
    AttemptSummary summary = new AttemptSummary();
    summary.setAttempt(attempt.number());
    summary.setPool(attempt.pool());
    summary.setProviderModel(attempt.model());
    summary.setClaimId(attempt.claimId());
    summary.setCause(cause(attempt.cause()));
    summary.setCode(attempt.code().map(ErrorCode::code).orElse(null));
    summary.setProviderStatus(attempt.providerStatus());
    summary.setStartedAt(attempt.startedAt().orElse(null));
    summary.setFinishedAt(attempt.finishedAt());
    summary.setOutcome(attempt.outcome().map(Transitions::position).orElse(null));
    return summary;
  }

  static Attempt attempt(AttemptSummary summary) {
    return new Attempt(
        summary.getAttempt(),
        summary.getPool(),
        summary.getProviderModel(),
        summary.getClaimId(),
        cause(summary.getCause()),
        Optional.ofNullable(summary.getCode()).map(ErrorCode::of),
        summary.getProviderStatus(),
        Optional.ofNullable(summary.getStartedAt()),
        summary.getFinishedAt(),
        Optional.ofNullable(summary.getOutcome()).map(Transitions::position));
  }

  static AttemptError error(Failure failure) {
    AttemptError error = new AttemptError();
    error.setCode(failure.code().code());
    error.setCause(cause(failure.cause()));
    error.setMessage(failure.message());
    error.setProviderStatus(failure.providerStatus());
    error.setRetryAfterMs(failure.retryAfter().map(Duration::toMillis).orElse(null));
    return error;
  }

  static Failure failure(AttemptError error) {
    return new Failure(
        ErrorCode.of(error.getCode()),
        cause(error.getCause()),
        error.getMessage(),
        error.getProviderStatus(),
        Optional.ofNullable(error.getRetryAfterMs()).map(Duration::ofMillis));
  }

  static dev.sluice.contract.avro.FailureCause cause(FailureCause cause) {
    return CAUSES.getOrDefault(cause, dev.sluice.contract.avro.FailureCause.INTERNAL);
  }

  static FailureCause cause(dev.sluice.contract.avro.FailureCause cause) {
    return FailureCause.valueOf(cause.name());
  }
}
