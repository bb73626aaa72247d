package dev.sluice.router.topology;

import dev.sluice.contract.avro.AttemptContext;
import dev.sluice.contract.avro.Command;
import dev.sluice.contract.avro.Submission;
import dev.sluice.contract.avro.Usage;
import dev.sluice.contract.model.JobId;
import dev.sluice.contract.price.PriceBook;
import dev.sluice.contract.price.Rating;
import dev.sluice.router.core.Job;
import dev.sluice.router.core.JobCommand;
import dev.sluice.router.core.LogPosition;
import dev.sluice.router.core.Phase;
import dev.sluice.router.core.RepeatKey;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Records as the core's commands.
final class Commands {
  /// Counted for a job that names no limit of output, tokens.
  private static final long DEFAULT_OUTPUT_TOKENS = 512;

  private Commands() {}

  /// A job as submitted: waiting, its first transition made.
  ///
  /// @param at when the broker took it
  /// @throws IllegalArgumentException when the id is not one
  static Job submitted(Submission submission, LogPosition position, Instant at) {
    JobId id =
        JobId.parse(submission.getJobId())
            .orElseThrow(
                () -> new IllegalArgumentException("not a job id: " + submission.getJobId()));
    Long limit = submission.getMaxOutputTokens();
    return new Job(
        id,
        submission.getTenant(),
        Transitions.priority(submission.getPriority()),
        submission.getModel(),
        position,
        submission.getDeadline(),
        submission.getReplyPartition(),
        submission.getEstimatedInputTokens() + (limit == null ? DEFAULT_OUTPUT_TOKENS : limit),
        submission.getStream(),
        submission.getAttached(),
        Optional.ofNullable(submission.getSession()),
        repeatKey(submission, at),
        Job.ownCaller(id, submission.getAttached()),
        Transitions.callback(submission.getCallback()),
        1,
        List.of(),
        Optional.of(BigDecimal.ZERO),
        Optional.empty(),
        new Phase.Waiting(Instant.EPOCH, Optional.empty(), Optional.empty()));
  }

  private static Optional<RepeatKey> repeatKey(Submission submission, Instant at) {
    String name = submission.getIdempotencyKey();
    ByteBuffer fingerprint = submission.getFingerprint();
    if (fingerprint == null) {
      return Optional.empty();
    }
    return Optional.of(
        name == null
            ? RepeatKey.unnamed(submission.getTenant(), fingerprint, at)
            : RepeatKey.named(submission.getTenant(), name, fingerprint, at));
  }

  /// What a command asks of its job; empty for a body that this version does not know.
  static Optional<JobCommand> of(Command command, PriceBook prices, LogPosition position) {
    if (command.getClaim() != null) {
      return Optional.of(claim(command.getClaim()));
    }
    if (command.getOutcome() != null) {
      return Optional.of(outcome(command.getOutcome(), prices, position));
    }
    if (command.getCancel() != null && command.getCaller() != null) {
      return JobId.parse(command.getCaller()).map(JobCommand.Leave::new);
    }
    if (command.getCancel() != null) {
      return Optional.of(new JobCommand.Cancel(command.getCancel().getReason()));
    }
    return command.getErase() != null ? Optional.of(new JobCommand.Erase()) : Optional.empty();
  }

  private static JobCommand.Claim claim(dev.sluice.contract.avro.Claim claim) {
    return new JobCommand.Claim(
        claim.getAttempt(),
        claim.getClaimId(),
        claim.getWorker(),
        claim.getInboxPartition(),
        claim.getAwaitsVerdict());
  }

  private static JobCommand.Outcome outcome(
      dev.sluice.contract.avro.Outcome outcome, PriceBook prices, LogPosition position) {
    return new JobCommand.Outcome(
        outcome.getAttempt(),
        outcome.getClaimId(),
        outcome.getCalled(),
        Optional.ofNullable(outcome.getError()).map(Transitions::failure),
        outcome.getStreamed(),
        outcome.getStartedAt(),
        outcome.getFinishedAt(),
        usd(rating(outcome, prices)),
        position);
  }

  static Rating rating(dev.sluice.contract.avro.Outcome outcome, PriceBook prices) {
    AttemptContext context = outcome.getContext();
    return rating(context, outcome.getUsage(), outcome.getFinishedAt(), prices);
  }

  static Rating rating(
      AttemptContext context,
      @org.jspecify.annotations.Nullable Usage usage,
      Instant at,
      PriceBook prices) {
    Map<String, Long> tokens = usage == null ? Map.of() : usage.getTokens();
    return prices.rate(context.getPool(), context.getProviderModel(), at, tokens);
  }

  static Optional<BigDecimal> usd(Rating rating) {
    return switch (rating) {
      case Rating.Priced priced -> Optional.of(priced.usd());
      case Rating.Unpriced _ -> Optional.empty();
    };
  }
}
