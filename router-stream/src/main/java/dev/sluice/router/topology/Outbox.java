package dev.sluice.router.topology;

import dev.sluice.contract.avro.AttemptError;
import dev.sluice.contract.avro.Cost;
import dev.sluice.contract.avro.EventKind;
import dev.sluice.contract.avro.InboxMessage;
import dev.sluice.contract.avro.JobEvent;
import dev.sluice.contract.avro.JobResult;
import dev.sluice.contract.avro.JobStatus;
import dev.sluice.contract.avro.Submission;
import dev.sluice.contract.avro.Verdict;
import dev.sluice.contract.avro.Work;
import dev.sluice.contract.model.ErrorCode;
import dev.sluice.contract.model.JobId;
import dev.sluice.contract.price.PriceBook;
import dev.sluice.contract.price.Rating;
import dev.sluice.contract.topic.DeadLetters;
import dev.sluice.contract.topic.Topics;
import dev.sluice.router.core.CacheUse;
import dev.sluice.router.core.Failure;
import dev.sluice.router.core.FailureCause;
import dev.sluice.router.core.Job;
import dev.sluice.router.core.LogPosition;
import dev.sluice.router.core.Notice;
import dev.sluice.router.core.Phase;
import dev.sluice.router.core.Placement;
import dev.sluice.router.core.Repeats;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/// Notices as records. A record is a function of the job's log record and of the input records it
/// points at, so that it can be written again after any crash, with the same identity. Pure but for
/// encoding; owned by the stream thread.
final class Outbox {
  private final RouterSerdes serdes;

  private final Settlements settlements;
  private final Duration resultRetention;

  Outbox(RouterSerdes serdes, Duration resultRetention) {
    this.serdes = serdes;
    this.settlements = new Settlements(serdes.settlement());
    this.resultRetention = resultRetention;
  }

  /// The input records at hand when a notice is written.
  ///
  /// @param submission the job's submission; null when it was not read now
  /// @param outcome the outcome the notice is about; null when there is none
  record InHand(
      @Nullable Submission submission, dev.sluice.contract.avro.@Nullable Outcome outcome) {
    static final InHand NOTHING = new InHand(null, null);
  }

  Output write(Job job, Notice notice, InHand inHand, PriceBook prices, Instant now) {
    return switch (notice) {
      case Notice.Admitted _ -> admitted(job, inHand, now);
      case Notice.State _ ->
          reply(
                  Topics.EVENTS.name(),
                  job.delivery().replyPartition(),
                  serdes.event(),
                  state(job, now))
              .asPatient();
      case Notice.Work work -> work(job, work, inHand);
      case Notice.Verdict verdict -> verdict(job.id().text(), verdict);
      case Notice.Settlement settlement ->
          settlements.reported(job.id().text(), settlement.delivered(), inHand, prices);
      case Notice.LostSettlement lost -> settlements.lost(job, lost.attempt(), inHand, prices);
      case Notice.CacheCharge _ -> settlements.kept(job, inHand);
      case Notice.Result _ -> result(job, inHand, prices);
    };
  }

  /// An answer about a job that may be unknown, and so needs nothing of its record.
  Output answer(String jobId, Notice notice, InHand inHand, PriceBook prices) {
    return switch (notice) {
      case Notice.Verdict verdict -> verdict(jobId, verdict);
      case Notice.Settlement settlement ->
          settlements.reported(jobId, settlement.delivered(), inHand, prices);
      case Notice.Admitted _,
          Notice.State _,
          Notice.Work _,
          Notice.LostSettlement _,
          Notice.CacheCharge _,
          Notice.Result _ ->
          throw new IllegalStateException("not an answer: " + notice);
    };
  }

  private static JobEvent state(Job job, Instant now) {
    JobEvent event = event(job.id().text(), job.tenant(), EventKind.STATE, now);
    event.setStatus(status(job.phase()));
    event.setSequence(job.transition());
    event.setReason(job.waitReason().orElse(null));
    event.setShadowOf(job.copyOf().map(JobId::text).orElse(null));
    hold(event, job.phase());
    placement(job.phase())
        .ifPresent(placement -> {
          event.setPool(placement.pool());
          event.setProviderModel(placement.model());
          event.setPolicyVersion(placement.policyVersion());
          event.setRouteReason(placement.reason());
          event.setRouteChoice(RouteChoices.record(placement.choice()));
        });
    if (job.phase() instanceof Phase.Waiting) {
      event.setPriority(Transitions.priority(job.priority()));
      event.setDeadline(job.deadline());
    }
    if (job.phase() instanceof Phase.Running running) {
      event.setAt(running.since());
      event.setAttempt(running.attempt());
      event.setClaimId(running.claimId());
    }
    return event;
  }

  private Output admitted(Job job, InHand inHand, Instant now) {
    JobEvent event = event(job.id().text(), job.tenant(), EventKind.STATE, now);
    event.setSequence(1);
    event.setStatus(JobStatus.QUEUED);
    if (job.phase() instanceof Phase.Waiting waiting && waiting.hold().isPresent()) {
      event.setStatus(JobStatus.HELD);
      event.setReason(waiting.hold().get().reason());
      hold(event, waiting);
    }
    event.setModel(job.model());
    event.setShadowOf(job.copyOf().map(JobId::text).orElse(null));
    event.setPriority(Transitions.priority(job.priority()));
    event.setDeadline(job.deadline());
    event.setSubmission(Transitions.position(job.submission()));
    event.setGroup(job.group().orElse(null));
    event.setKeyId(job.demand().keyId());
    Submission submission = inHand.submission();
    if (submission != null) {
      event.setEndpoint(submission.getEndpoint());
      event.setTags(submission.getTags());
      event.setEstimatedInputTokens(submission.getEstimatedInputTokens());
      event.setMaxOutputTokens(submission.getMaxOutputTokens());
    }
    Output output =
        reply(Topics.EVENTS.name(), job.delivery().replyPartition(), serdes.event(), event);
    // Who waits for the answer does not wait to hear that it was asked.
    return submission != null && submission.getAttached() ? output.asPatient() : output;
  }

  private static void hold(JobEvent event, Phase phase) {
    if (phase instanceof Phase.Waiting waiting && waiting.hold().isPresent()) {
      event.setHeldBy(waiting.hold().get().by().orElse(null));
      event.setHeldUntil(waiting.hold().get().until().orElse(null));
      event.setRouteChoice(RouteChoices.held(waiting.hold().get().rejected()));
    }
  }

  /// The one event of a repeat. Its caller waits for nothing else.
  Output joined(Repeats.Joined joined, Instant now) {
    JobEvent event = event(joined.by().text(), joined.tenant(), EventKind.STATE, now);
    event.setSequence(1);
    event.setStatus(JobStatus.QUEUED);
    event.setJoinedTo(joined.first().text());
    return reply(Topics.EVENTS.name(), joined.by().replyPartition(), serdes.event(), event);
  }

  private static JobStatus status(Phase phase) {
    return switch (phase) {
      case Phase.Waiting waiting -> waiting.hold().isPresent() ? JobStatus.HELD : JobStatus.QUEUED;
      case Phase.Released _ -> JobStatus.QUEUED;
      case Phase.Running _ -> JobStatus.RUNNING;
      case Phase.Done done -> PhaseRecords.status(done.status());
    };
  }

  private static Optional<Placement> placement(Phase phase) {
    return switch (phase) {
      case Phase.Waiting waiting -> waiting.next();
      case Phase.Released released -> Optional.of(released.placement());
      case Phase.Running running -> Optional.of(running.placement());
      case Phase.Done done -> done.placement();
    };
  }

  private Output work(Job job, Notice.Work notice, InHand inHand) {
    if (!(job.phase() instanceof Phase.Released released)) {
      throw new IllegalStateException("work of a job that is not released: " + job.id());
    }
    Work work = new Work();
    work.setJobId(job.id().text());
    work.setShard(job.tenant());
    work.setAttempt(released.attempt());
    work.setRelease(released.release());
    work.setRepeat(notice.repeat());
    Placement placement = released.placement();
    work.setContext(
        Settlements.context(
            job, placement.pool(), placement.model(), placement.policyVersion(), inHand));
    work.setStream(job.delivery().stream());
    work.setDeadline(job.deadline());
    work.setSource(Transitions.position(job.submission()));
    Submission submission = inHand.submission();
    work.setEndpoint(submission == null ? "" : submission.getEndpoint());
    // Without the body in hand the worker reads the submission at its source.
    work.setBody(submission == null ? null : submission.getBody());
    work.setMaxOutputTokens(job.demand().imposed() ? job.demand().maxOutputTokens() : null);
    work.setRequestHeaders(submission == null ? Map.of() : submission.getRequestHeaders());
    String topic = Topics.workName(placement.pool(), job.priority());
    return Output.of(topic, null, serdes.work(), work).asDated();
  }

  private Output verdict(String jobId, Notice.Verdict verdict) {
    InboxMessage message = new InboxMessage();
    message.setWorker(verdict.worker());
    message.setJobId(jobId);
    message.setAttempt(verdict.attempt());
    message.setClaimId(verdict.claimId());
    message.setAsk(verdict.ask());
    message.setVerdict(
        switch (verdict.kind()) {
          case RUN -> Verdict.RUN;
          case DROP -> Verdict.DROP;
          case CANCEL -> Verdict.CANCEL;
        });
    return Output.of(Topics.INBOX.name(), verdict.inboxPartition(), serdes.inbox(), message);
  }

  private Output result(Job job, InHand inHand, PriceBook prices) {
    if (!(job.phase() instanceof Phase.Done done)) {
      throw new IllegalStateException("result of a job that is not done: " + job.id());
    }
    JobResult result = new JobResult();
    result.setJobId(job.id().text());
    result.setTenant(job.tenant());
    result.setStatus(PhaseRecords.status(done.status()));
    result.setFinishedAt(done.at());
    result.setExpiresAt(done.at().plus(resultRetention));
    result.setStartedAt(job.progress().firstCallAt().orElse(null));
    result.setClaimId(done.claimId());
    result.setCallback(Transitions.callback(job.delivery().callback()));
    result.setShadowOf(job.copyOf().map(JobId::text).orElse(null));
    done.placement()
        .ifPresent(last -> {
          result.setPool(last.pool());
          result.setProviderModel(last.model());
          result.setPolicyVersion(last.policyVersion());
          result.setRouteReason(last.reason());
          result.setRouteChoice(RouteChoices.record(last.choice()));
        });
    result.setAttempts(job.progress().attempts().stream().map(AttemptRecords::summary).toList());
    Cost cost = new Cost();
    cost.setOwed(job.progress().owed().orElse(null));
    cost.setUnpriced(job.progress().owed().isEmpty());
    cost.setCharged(java.math.BigDecimal.ZERO.setScale(PriceBook.SCALE));
    cost.setPriceVersion(null);
    result.setCost(cost);
    done.failure().map(AttemptRecords::error).ifPresent(result::setError);
    job.cache().ifPresent(use -> kept(result, use, done));
    if (done.outcome().isPresent()) {
      deliver(result, done, inHand, prices);
    }
    return reply(Topics.RESULTS.name(), job.delivery().replyPartition(), serdes.result(), result);
  }

  /// What an answer that was kept costs, and where it is: it is read as long as the first job's.
  private void kept(JobResult result, CacheUse use, Phase.Done done) {
    result.setCache(CacheRecords.outcome(use, done.at()));
    use.hit()
        .ifPresent(hit -> {
          result.setExpiresAt(hit.answer().at().plus(resultRetention));
          result.getCost().setCharged(hit.charged().orElse(null));
          result.getCost().setUnpriced(hit.charged().isEmpty());
        });
  }

  private static void deliver(JobResult result, Phase.Done done, InHand inHand, PriceBook prices) {
    var outcome = inHand.outcome();
    if (outcome == null) {
      // Retention removed the outcome before the result could be written again.
      result.setError(
          AttemptRecords.error(
              Failure.of(
                  ErrorCode.INTERNAL_ERROR,
                  FailureCause.INTERNAL,
                  "the answer is no longer kept")));
      return;
    }
    result.setUsage(outcome.getUsage());
    AttemptError error = outcome.getError();
    if (error != null && result.getError() != null) {
      result.getError().setBody(error.getBody());
    }
    if (done.status() == Phase.Status.SUCCEEDED) {
      result.setResult(outcome.getResult());
      if (outcome.getCalled() && result.getShadowOf() == null) {
        charge(result.getCost(), Commands.price(outcome, prices).charged());
      }
    }
  }

  /// An answer that needed no call costs nothing, whether its model has a price or not; nor does
  /// one that nobody is given.
  private static void charge(Cost cost, Rating rating) {
    switch (rating) {
      case Rating.Priced priced -> {
        cost.setCharged(priced.usd());
        cost.setPriceVersion(priced.priceVersion());
      }
      case Rating.Unpriced _ -> {
        cost.setCharged(null);
        cost.setUnpriced(true);
      }
    }
  }

  /// Tells every ingress to forget a job.
  Output erased(String jobId, String tenant, int replyPartition, Instant now) {
    return reply(
        Topics.EVENTS.name(),
        replyPartition,
        serdes.event(),
        event(jobId, tenant, EventKind.ERASED, now));
  }

  Output deadLetter(LogPosition position, ErrorCode code, String why, Record<byte[], byte[]> of) {
    TopicPartition place = new TopicPartition(position.topic(), position.partition());
    return Output.of(
        Topics.DLQ.name(),
        null,
        serdes.deadLetter(),
        DeadLetters.of(place, position.offset(), of.key(), of.value(), code, why, Instant.now()));
  }

  private static JobEvent event(String jobId, String tenant, EventKind kind, Instant now) {
    JobEvent event = new JobEvent();
    event.setJobId(jobId);
    event.setTenant(tenant);
    event.setKind(kind);
    event.setAt(now);
    event.setDeltas(List.of());
    event.setTags(Map.of());
    return event;
  }

  private static <T> Output reply(String topic, int partition, Serde<T> serde, T record) {
    return Output.of(topic, partition, serde, record);
  }

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
