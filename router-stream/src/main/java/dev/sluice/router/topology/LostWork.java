package dev.sluice.router.topology;

import dev.sluice.contract.avro.Submission;
import dev.sluice.contract.model.TokenKind;
import dev.sluice.contract.price.PriceBook;
import dev.sluice.router.core.Job;
import dev.sluice.router.core.JobCommand;
import dev.sluice.router.core.Phase;
import dev.sluice.router.topology.Outbox.InHand;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.serialization.Serde;
import org.jspecify.annotations.Nullable;

/// What is known of an attempt whose worker is gone: only its submission, from which what the
/// provider is owed can be estimated. A job that has ended has said what it owes.
///
/// @param command the end of the lease, with the estimate
/// @param inHand the submission, if the log still has it
record LostWork(JobCommand.WorkerLost command, InHand inHand) {

  /// @param value its submission as it is in the log; null when it is there no longer
  static LostWork of(
      Job job, byte @Nullable [] value, Serde<Submission> serde, PriceBook prices, Instant now) {
    if (value == null) {
      return new LostWork(new JobCommand.WorkerLost(Optional.empty()), InHand.NOTHING);
    }
    Submission submission = serde.deserializer().deserialize(job.submission().topic(), value);
    return new LostWork(
        new JobCommand.WorkerLost(estimate(job, submission, prices, now)),
        new InHand(submission, null));
  }

  private static Optional<BigDecimal> estimate(
      Job job, Submission submission, PriceBook prices, Instant now) {
    if (!(job.phase() instanceof Phase.Running running)) {
      return Optional.empty();
    }
    Map<String, Long> tokens = Map.of(TokenKind.INPUT.key(), submission.getEstimatedInputTokens());
    return Commands.usd(
        prices
            .price(
                running.placement().pool(),
                running.placement().model(),
                now,
                Duration.between(running.since(), now),
                tokens)
            .owed());
  }
}
