package dev.sluice.router.topology;

import dev.sluice.contract.avro.AttemptContext;
import dev.sluice.contract.avro.AttemptError;
import dev.sluice.contract.avro.GpuUse;
import dev.sluice.contract.avro.Outcome;
import dev.sluice.contract.avro.Settlement;
import dev.sluice.contract.avro.Submission;
import dev.sluice.contract.avro.Usage;
import dev.sluice.contract.avro.UsageSource;
import dev.sluice.contract.model.JobId;
import dev.sluice.contract.price.CallPrice;
import dev.sluice.contract.price.PriceBook;
import dev.sluice.contract.price.Rating;
import dev.sluice.contract.topic.Topics;
import dev.sluice.router.core.Attempt;
import dev.sluice.router.core.CacheUse;
import dev.sluice.router.core.FailureCause;
import dev.sluice.router.core.Job;
import dev.sluice.router.core.Phase;
import dev.sluice.router.topology.Outbox.InHand;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.serialization.Serde;

/// Calls as entries of the ledger, one for each claim that called. Pure but for encoding; owned by
/// the stream thread.
final class Settlements {
  private final Serde<Settlement> serde;

  Settlements(Serde<Settlement> serde) {
    this.serde = serde;
  }

  /// What a reported call used and owes.
  ///
  /// @param delivered whether its answer is the job's result, and so is charged
  Output reported(String jobId, boolean delivered, InHand inHand, PriceBook prices) {
    var outcome = inHand.outcome();
    if (outcome == null) {
      throw new IllegalStateException("settlement without its outcome: " + jobId);
    }
    Usage usage = outcome.getUsage();
    Settlement entry =
        entry(
            jobId,
            outcome.getAttempt(),
            outcome.getClaimId(),
            outcome.getContext(),
            usage == null ? new Usage(new HashMap<>(), UsageSource.UNKNOWN) : usage,
            outcome.getFinishedAt());
    if (outcome.getCalled()) {
      entry.setStartedAt(outcome.getStartedAt());
      entry.setFirstTokenAt(streamed(outcome) ? outcome.getFirstTokenAt() : null);
    }
    AttemptError error = outcome.getError();
    entry.setCause(error == null ? dev.sluice.contract.avro.FailureCause.NONE : error.getCause());
    price(entry, delivered, Commands.price(outcome, prices));
    return settle(entry);
  }

  /// Of a copy's answer no part is shown, and its worker times the first only where it streams.
  private static boolean streamed(Outcome outcome) {
    return outcome.getStreamed() || outcome.getContext().getShadowOf() != null;
  }

  /// The worker is gone and with it what it used: the prompt was probably read, so its estimate is
  /// owed, flagged as unknown; a late outcome of the same claim has the same identity.
  Output lost(Job job, Attempt attempt, InHand inHand, PriceBook prices) {
    AttemptContext context = context(job, attempt.pool(), attempt.model(), 0, inHand);
    Submission submission = inHand.submission();
    Map<String, Long> tokens = new HashMap<>();
    tokens.put(
        dev.sluice.contract.model.TokenKind.INPUT.key(),
        submission == null ? 0 : submission.getEstimatedInputTokens());
    Usage usage = new Usage(tokens, UsageSource.UNKNOWN);
    Settlement entry =
        entry(
            job.id().text(),
            attempt.number(),
            attempt.claimId(),
            context,
            usage,
            attempt.finishedAt());
    entry.setCause(AttemptRecords.cause(FailureCause.WORKER_LOST));
    Duration took =
        Duration.between(attempt.startedAt().orElse(attempt.finishedAt()), attempt.finishedAt());
    price(
        entry,
        false,
        prices.price(attempt.pool(), attempt.model(), attempt.finishedAt(), took, tokens));
    return settle(entry);
  }

  /// An answer that was kept: no call was made for it, so nothing is owed and no token was used.
  Output kept(Job job, InHand inHand) {
    CacheUse.Hit hit = job.cache().flatMap(CacheUse::hit).orElseThrow();
    Instant at = job.phase() instanceof Phase.Done done ? done.at() : hit.answer().at();
    Settlement entry =
        entry(
            job.id().text(),
            0,
            0,
            context(job, "", "", 0, inHand),
            new Usage(new HashMap<>(), UsageSource.CACHE),
            at);
    entry.setCause(AttemptRecords.cause(FailureCause.NONE));
    entry.setDelivered(true);
    entry.setOwed(BigDecimal.ZERO.setScale(PriceBook.SCALE));
    entry.setCharged(hit.charged().orElse(null));
    entry.setUnpriced(hit.charged().isEmpty());
    return settle(entry);
  }

  private static Settlement entry(
      String jobId, int attempt, long claimId, AttemptContext context, Usage usage, Instant at) {
    Settlement entry = new Settlement();
    entry.setEntryId(jobId + "/" + attempt + "/" + Long.toUnsignedString(claimId, 36));
    entry.setJobId(jobId);
    entry.setAttempt(attempt);
    entry.setContext(context);
    entry.setUsage(usage);
    entry.setAt(at);
    return entry;
  }

  private static void price(Settlement entry, boolean delivered, CallPrice price) {
    entry.setDelivered(delivered);
    if (price.owed() instanceof Rating.Priced owed) {
      entry.setOwed(owed.usd());
      entry.setPriceVersion(owed.priceVersion());
    } else {
      entry.setUnpriced(true);
    }
    if (delivered && price.charged() instanceof Rating.Priced charged) {
      entry.setCharged(charged.usd());
      entry.setPriceVersion(charged.priceVersion());
    } else if (delivered) {
      entry.setUnpriced(true);
    }
    price.gpu().ifPresent(time -> entry.setGpu(gpu(time)));
  }

  private static GpuUse gpu(CallPrice.GpuTime time) {
    BigDecimal usd = time.rate().usdPerHour().orElse(null);
    return new GpuUse(time.micros(), usd == null ? null : usd.setScale(PriceBook.SCALE));
  }

  private Output settle(Settlement entry) {
    return Output.of(Topics.LEDGER.name(), null, serde, entry).asPatient();
  }

  /// What the ledger needs to know; key, tags and group only where the submission is at hand.
  static AttemptContext context(
      Job job, String pool, String model, long policyVersion, InHand inHand) {
    AttemptContext context = new AttemptContext();
    context.setTenant(job.tenant());
    context.setModel(job.model());
    context.setPool(pool);
    context.setProviderModel(model);
    context.setReplyPartition(job.delivery().replyPartition());
    context.setPolicyVersion(policyVersion);
    context.setShadowOf(job.copyOf().map(JobId::text).orElse(null));
    context.setShadowed(job.shadow().isPresent() && !job.isCopy());
    Submission submission = inHand.submission();
    context.setKeyId(submission == null ? "" : submission.getKeyId());
    context.setTags(submission == null ? Map.of() : submission.getTags());
    context.setGroup(submission == null ? null : submission.getGroup());
    return context;
  }
}
