package dev.sluice.router.topology;

import dev.sluice.contract.avro.AttemptContext;
import dev.sluice.contract.avro.Cancel;
import dev.sluice.contract.avro.Command;
import dev.sluice.contract.avro.PriorityClass;
import dev.sluice.contract.avro.Reprioritise;
import dev.sluice.contract.avro.Submission;
import dev.sluice.contract.avro.Usage;
import dev.sluice.contract.model.JobId;
import dev.sluice.contract.model.Limit;
import dev.sluice.contract.model.TokenKind;
import dev.sluice.contract.price.CallPrice;
import dev.sluice.contract.price.PriceBook;
import dev.sluice.contract.price.Rating;
import dev.sluice.router.core.Delivery;
import dev.sluice.router.core.Job;
import dev.sluice.router.core.JobCommand;
import dev.sluice.router.core.LogPosition;
import dev.sluice.router.core.Phase;
import dev.sluice.router.core.Progress;
import dev.sluice.router.core.RepeatKey;
import dev.sluice.router.core.limits.Demand;
import dev.sluice.router.core.limits.Limits;
import dev.sluice.router.core.limits.Spent;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Records as the core's commands.
final class Commands {
  /// Endpoints whose answers are not generated.
  private static final Set<String> WITHOUT_ANSWER =
      Set.of("/v1/embeddings", "/v1/moderations", "/v1/messages/count_tokens");

  private Commands() {}

  /// A job as submitted: waiting, its first transition made.
  ///
  /// @param at when the broker took it
  /// @param limits which know the tags that count
  /// @throws UnusableRecordException when it says what cannot be
  static Job submitted(Submission submission, LogPosition position, Instant at, Limits limits) {
    JobId id = jobId(submission.getJobId());
    return new Job(
        id,
        Transitions.shared(submission.getTenant()),
        Transitions.priority(submission.getPriority()),
        Transitions.shared(submission.getModel()),
        position,
        submission.getDeadline(),
        demand(submission, limits),
        new Delivery(
                submission.getReplyPartition(),
                submission.getStream(),
                submission.getAttached(),
                Transitions.callback(submission.getCallback()))
            .shared(),
        Optional.ofNullable(submission.getSession()),
        Optional.ofNullable(submission.getGroup()),
        repeatKey(submission, at),
        Job.ownCaller(id, submission.getAttached()),
        Optional.ofNullable(submission.getCache()).map(CacheRecords::wished),
        Optional.empty(),
        Optional.empty(),
        1,
        Progress.NONE,
        Phase.Waiting.ITS_TURN);
  }

  /// @throws UnusableRecordException when it is none
  static JobId jobId(String text) {
    return JobId.parse(text)
        .orElseThrow(() -> new UnusableRecordException("not a job id: " + text));
  }

  private static long tokens(long count) {
    if (count < 0 || count > TokenKind.MAX_TOKENS) {
      throw new UnusableRecordException("a count of tokens must be 0.." + TokenKind.MAX_TOKENS);
    }
    return count;
  }

  private static Demand demand(Submission submission, Limits limits) {
    Map<String, String> tags = new HashMap<>();
    submission
        .getTags()
        .forEach((name, value) -> {
          if (limits.countsBy(submission.getTenant(), name)) {
            tags.put(name, value);
          }
        });
    return new Demand(
        Transitions.shared(submission.getKeyId()),
        tags,
        tokens(submission.getEstimatedInputTokens()),
        maxOutputTokens(submission),
        Math.max(1, submission.getChoices()),
        false,
        Optional.empty());
  }

  private static long maxOutputTokens(Submission submission) {
    if (WITHOUT_ANSWER.contains(submission.getEndpoint())) {
      return 0;
    }
    Long limit = submission.getMaxOutputTokens();
    return limit == null ? Demand.UNNAMED : tokens(limit);
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
  ///
  /// @param at when the broker took it
  /// @throws UnusableRecordException when it says what cannot be
  static Optional<JobCommand> of(
      Command command, PriceBook prices, LogPosition position, Instant at) {
    if (command.getClaim() != null) {
      return Optional.of(claim(command.getClaim(), at));
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
    if (command.getReprioritise() != null) {
      return Optional.of(reprioritise(command.getReprioritise()));
    }
    return command.getErase() != null ? Optional.of(new JobCommand.Erase()) : Optional.empty();
  }

  /// A class that this version does not know changes nothing.
  private static JobCommand.Reprioritise reprioritise(Reprioritise asked) {
    return new JobCommand.Reprioritise(
        Optional.ofNullable(asked.getPriority())
            .filter(priority -> priority != PriorityClass.UNKNOWN)
            .map(Transitions::priority),
        Optional.ofNullable(asked.getDeadline()));
  }

  /// What is asked of each job of a group; empty for a body that this version does not know.
  static Optional<JobCommand> ofGroup(
      @Nullable Cancel cancel, @Nullable Reprioritise reprioritise) {
    if (cancel != null) {
      return Optional.of(new JobCommand.Cancel(cancel.getReason()));
    }
    return Optional.ofNullable(reprioritise).map(Commands::reprioritise);
  }

  private static JobCommand.Claim claim(dev.sluice.contract.avro.Claim claim, Instant at) {
    return new JobCommand.Claim(
        claim.getAttempt(),
        claim.getClaimId(),
        claim.getWorker(),
        claim.getInboxPartition(),
        claim.getAwaitsVerdict(),
        claim.getAsk(),
        at);
  }

  private static JobCommand.Outcome outcome(
      dev.sluice.contract.avro.Outcome outcome, PriceBook prices, LogPosition position) {
    checkTokens(outcome.getUsage());
    CallPrice price = price(outcome, prices);
    return new JobCommand.Outcome(
        outcome.getAttempt(),
        outcome.getClaimId(),
        outcome.getCalled(),
        Optional.ofNullable(outcome.getError()).map(AttemptRecords::failure),
        outcome.getStreamed(),
        outcome.getStartedAt(),
        outcome.getFinishedAt(),
        usd(price.owed()),
        usd(price.charged()),
        spent(outcome, price),
        position);
  }

  private static void checkTokens(@Nullable Usage usage) {
    if (usage != null) {
      usage.getTokens().values().forEach(Commands::tokens);
    }
  }

  /// What the answer uses of limits if it is the one delivered. One that needed no call uses
  /// nothing, and one without a price no money.
  private static Spent spent(dev.sluice.contract.avro.Outcome outcome, CallPrice price) {
    long input = 0;
    long output = 0;
    Usage usage = outcome.getUsage();
    if (outcome.getCalled() && usage != null) {
      for (Map.Entry<String, Long> counted : usage.getTokens().entrySet()) {
        boolean ofAnswer = TokenKind.of(counted.getKey()).map(TokenKind::ofAnswer).orElse(false);
        input += ofAnswer ? 0 : counted.getValue();
        output += ofAnswer ? counted.getValue() : 0;
      }
    }
    BigDecimal usd =
        outcome.getCalled() ? usd(price.charged()).orElse(BigDecimal.ZERO) : BigDecimal.ZERO;
    long gpu = outcome.getCalled() ? price.gpuMicros() : 0;
    return new Spent(0, input, output, Limit.countedPicoUsd(usd), outcome.getFinishedAt(), gpu);
  }

  static CallPrice price(dev.sluice.contract.avro.Outcome outcome, PriceBook prices) {
    AttemptContext context = outcome.getContext();
    Usage usage = outcome.getUsage();
    return prices.price(
        context.getPool(),
        context.getProviderModel(),
        outcome.getFinishedAt(),
        Duration.between(outcome.getStartedAt(), outcome.getFinishedAt()),
        usage == null ? Map.of() : usage.getTokens());
  }

  static Optional<BigDecimal> usd(Rating rating) {
    return switch (rating) {
      case Rating.Priced priced -> Optional.of(priced.usd());
      case Rating.Unpriced _ -> Optional.empty();
    };
  }
}
