package dev.sluice.worker.kafka;

import dev.sluice.contract.avro.AttemptError;
import dev.sluice.contract.avro.Claim;
import dev.sluice.contract.avro.Command;
import dev.sluice.contract.avro.FailureCause;
import dev.sluice.contract.avro.Outcome;
import dev.sluice.contract.avro.Usage;
import dev.sluice.contract.avro.UsageSource;
import dev.sluice.worker.core.AttemptOutcome;
import dev.sluice.worker.core.Cause;
import dev.sluice.worker.core.Failure;
import dev.sluice.worker.core.TokenUsage;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/// Turns the worker's decisions into the records of `sluice.commands`.
///
/// @param worker process id, part of every record
public record CommandCodec(String worker) {

  Command claim(ClaimedWork claimed, Claim claim) {
    return command(claimed).setClaim(claim).build();
  }

  Claim claimOf(ClaimedWork claimed, int inboxPartition, boolean awaitsVerdict, int ask) {
    return Claim.newBuilder()
        .setAttempt(claimed.work().getAttempt())
        .setRelease(claimed.work().getRelease())
        .setClaimId(claimed.claimId())
        .setWorker(worker)
        .setInboxPartition(inboxPartition)
        .setAwaitsVerdict(awaitsVerdict)
        .setAsk(ask)
        .build();
  }

  Command outcome(ClaimedWork claimed, AttemptOutcome outcome) {
    Outcome.Builder record =
        Outcome.newBuilder()
            .setAttempt(claimed.work().getAttempt())
            .setClaimId(claimed.claimId())
            .setWorker(worker)
            .setContext(claimed.work().getContext())
            .setStartedAt(outcome.times().startedAt())
            .setFirstTokenAt(outcome.times().firstTokenAt().orElse(null))
            .setFinishedAt(outcome.times().finishedAt());
    switch (outcome) {
      case AttemptOutcome.Succeeded succeeded ->
          record
              .setCalled(true)
              .setResult(succeeded.body())
              .setUsage(usage(succeeded.usage()))
              .setStreamed(succeeded.streamed());
      case AttemptOutcome.Failed failed ->
          record
              .setCalled(true)
              .setError(error(failed.failure()))
              .setUsage(usage(failed.usage()))
              .setStreamed(failed.streamed());
      case AttemptOutcome.Answered answered -> record.setCalled(false).setResult(answered.body());
      case AttemptOutcome.NotCalled notCalled ->
          record.setCalled(false).setError(error(notCalled.failure()));
    }
    return command(claimed).setOutcome(record.build()).build();
  }

  private static Command.Builder command(ClaimedWork claimed) {
    return Command.newBuilder()
        .setJobId(claimed.jobId())
        .setTenant(claimed.work().getContext().getTenant());
  }

  private static AttemptError error(Failure failure) {
    return AttemptError.newBuilder()
        .setCode(failure.code().code())
        .setCause(cause(failure.cause()))
        .setMessage(failure.message())
        .setProviderStatus(failure.providerStatus())
        .setRetryAfterMs(failure.retryAfter().map(Duration::toMillis).orElse(null))
        .setBody(failure.body().orElse(null))
        .build();
  }

  private static FailureCause cause(Cause cause) {
    return switch (cause) {
      case THROTTLED -> FailureCause.THROTTLED;
      case DOWN -> FailureCause.DOWN;
      case TIMEOUT -> FailureCause.TIMEOUT;
      case TOO_LONG -> FailureCause.TOO_LONG;
      case REFUSED -> FailureCause.REFUSED;
      case INVALID_KEY -> FailureCause.INVALID_KEY;
      case BAD_ANSWER -> FailureCause.BAD_ANSWER;
      case CANCELLED -> FailureCause.CANCELLED;
      case EXPIRED -> FailureCause.EXPIRED;
      case WORKER_LOST -> FailureCause.WORKER_LOST;
      case INTERNAL -> FailureCause.INTERNAL;
    };
  }

  private static Usage usage(TokenUsage usage) {
    Map<String, Long> tokens = new HashMap<>();
    usage.tokens().forEach((kind, count) -> tokens.put(kind.key(), count));
    UsageSource source =
        switch (usage.source()) {
          case REPORTED -> UsageSource.REPORTED;
          case ESTIMATED -> UsageSource.ESTIMATED;
          case UNKNOWN -> UsageSource.UNKNOWN;
        };
    return Usage.newBuilder().setTokens(tokens).setSource(source).build();
  }
}
