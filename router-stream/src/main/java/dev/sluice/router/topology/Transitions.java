package dev.sluice.router.topology;

import dev.sluice.contract.avro.AttemptError;
import dev.sluice.contract.avro.AttemptSummary;
import dev.sluice.contract.avro.JobCallback;
import dev.sluice.contract.avro.JobImage;
import dev.sluice.contract.avro.JobPhase;
import dev.sluice.contract.avro.JobStatus;
import dev.sluice.contract.avro.JoinedJob;
import dev.sluice.contract.avro.OpenCall;
import dev.sluice.contract.avro.PriorityClass;
import dev.sluice.contract.avro.RecordPosition;
import dev.sluice.contract.avro.RememberedJob;
import dev.sluice.contract.avro.ShadowTarget;
import dev.sluice.contract.avro.ShadowUse;
import dev.sluice.contract.model.ErrorCode;
import dev.sluice.contract.model.JobId;
import dev.sluice.contract.model.Priority;
import dev.sluice.router.core.Attempt;
import dev.sluice.router.core.Callback;
import dev.sluice.router.core.Delivery;
import dev.sluice.router.core.Digest;
import dev.sluice.router.core.Failure;
import dev.sluice.router.core.FailureCause;
import dev.sluice.router.core.Job;
import dev.sluice.router.core.LogPosition;
import dev.sluice.router.core.Phase;
import dev.sluice.router.core.Placement;
import dev.sluice.router.core.Progress;
import dev.sluice.router.core.RepeatKey;
import dev.sluice.router.core.Repeats;
import dev.sluice.router.core.Shadow;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A job as its log record, and back.
final class Transitions {

  private Transitions() {}

  static JobImage image(Job job) {
    JobImage image = new JobImage();
    image.setTenant(job.tenant());
    image.setPriority(priority(job.priority()));
    image.setModel(job.model());
    image.setSubmission(position(job.submission()));
    image.setCreatedAt(job.id().createdAt());
    image.setDeadline(job.deadline());
    image.setReplyPartition(job.delivery().replyPartition());
    Uses.write(image, job);
    image.setStream(job.delivery().stream());
    image.setAttached(job.delivery().attached());
    image.setSession(job.session().orElse(null));
    image.setRepeat(job.repeat().map(Transitions::repeat).orElse(null));
    if (!job.waiting().equals(Job.ownCaller(job.id(), job.delivery().attached()))) {
      image.setWaiting(job.waiting().stream().map(JobId::text).toList());
    }
    image.setCallback(callback(job.delivery().callback()));
    image.setCache(job.cache().map(CacheRecords::use).orElse(null));
    image.setTransition(job.transition());
    image.setAttempts(job.progress().attempts().stream().map(Transitions::summary).toList());
    image.setOwed(job.progress().owed().orElse(null));
    image.setStartedAt(job.progress().startedAt().orElse(null));
    image.setRouteFacts(job.facts().map(RouteChoices::record).orElse(null));
    image.setGroup(job.group().orElse(null));
    image.setShadow(job.shadow().map(Transitions::shadow).orElse(null));
    image.setHeldRoutes(List.of());
    switch (job.phase()) {
      case Phase.Waiting waiting -> {
        image.setPhase(JobPhase.WAITING);
        image.setNotBefore(waiting.notBefore());
        waiting.hold().ifPresent(hold -> Uses.write(image, hold));
        waiting.next().ifPresent(next -> place(image, next));
      }
      case Phase.Released released -> {
        image.setPhase(JobPhase.RELEASED);
        place(image, released.placement());
        image.setAttempt(released.attempt());
        image.setRelease(released.release());
        image.setReleasedAt(released.at());
      }
      case Phase.Running running -> {
        image.setPhase(JobPhase.RUNNING);
        claim(image, running);
      }
      case Phase.Done done -> {
        image.setPhase(JobPhase.DONE);
        done.placement().ifPresent(last -> place(image, last));
        image.setClaimId(done.claimId());
        image.setStatus(status(done.status()));
        image.setFinishedAt(done.at());
        image.setOutcome(done.outcome().map(Transitions::position).orElse(null));
        image.setError(done.failure().map(Transitions::error).orElse(null));
        switch (done.lastCall()) {
          case Phase.LastCall.Accounted _ -> {}
          case Phase.LastCall.Unclaimed(Phase.Released out) -> image.setOpenCall(OpenCalls.of(out));
          case Phase.LastCall.Open(Phase.Running open) -> image.setOpenCall(OpenCalls.of(open));
          case Phase.LastCall.Lost(Attempt lost) -> image.setLostAfterEnd(summary(lost));
        }
      }
    }
    return image;
  }

  private static void claim(JobImage image, Phase.Running claim) {
    place(image, claim.placement());
    image.setAttempt(claim.attempt());
    image.setRelease(claim.release());
    image.setWorker(claim.worker());
    image.setInboxPartition(claim.inboxPartition());
    image.setClaimId(claim.claimId());
    image.setReleasedAt(claim.since());
  }

  private static void place(JobImage image, Placement placement) {
    image.setPool(placement.pool());
    image.setProviderModel(placement.model());
    image.setPolicyVersion(placement.policyVersion());
    image.setRouteReason(placement.reason());
    image.setRouteChoice(RouteChoices.record(placement.choice()));
  }

  /// @throws IllegalArgumentException for an image that no version of the router writes
  static Job job(JobId id, JobImage image) {
    return new Job(
        id,
        shared(image.getTenant()),
        priority(image.getPriority()),
        shared(image.getModel()),
        position(image.getSubmission()),
        image.getDeadline(),
        Uses.demand(image),
        new Delivery(
                image.getReplyPartition(),
                image.getStream(),
                image.getAttached(),
                callback(image.getCallback()))
            .shared(),
        Optional.ofNullable(image.getSession()),
        Optional.ofNullable(image.getGroup()),
        Optional.ofNullable(image.getRepeat()).map(Transitions::repeat),
        waiting(id, image),
        Optional.ofNullable(image.getCache())
            .map(use -> CacheRecords.use(id, image.getTenant(), use)),
        Optional.ofNullable(image.getRouteFacts()).map(RouteChoices::facts),
        Optional.ofNullable(image.getShadow()).map(Transitions::shadow),
        image.getTransition(),
        progress(image),
        phase(image));
  }

  private static Progress progress(JobImage image) {
    return new Progress(
            image.getAttempts().stream().map(Transitions::attempt).toList(),
            owed(image.getOwed()),
            Optional.ofNullable(image.getStartedAt()),
            Uses.spent(image))
        .shared();
  }

  private static Optional<BigDecimal> owed(@Nullable BigDecimal usd) {
    return usd != null && usd.signum() == 0 ? Progress.NONE.owed() : Optional.ofNullable(usd);
  }

  /// One text for all jobs that say the same: a million may wait.
  static String shared(String text) {
    return text.intern();
  }

  private static List<JobId> waiting(JobId id, JobImage image) {
    return image.getWaiting() == null
        ? Job.ownCaller(id, image.getAttached())
        : image.getWaiting().stream().map(text -> JobId.parse(text).orElseThrow()).toList();
  }

  private static ShadowUse shadow(Shadow shadow) {
    return switch (shadow) {
      case Shadow.CopyOf(JobId primary) -> new ShadowUse(primary.text(), List.of(), false);
      case Shadow.Cast(List<Shadow.Target> targets, boolean due) ->
          new ShadowUse(
              null,
              targets.stream()
                  .map(target -> new ShadowTarget(target.pool(), target.model()))
                  .toList(),
              due);
    };
  }

  private static Shadow shadow(ShadowUse use) {
    String copyOf = use.getCopyOf();
    return copyOf == null
        ? new Shadow.Cast(
            use.getCopies().stream()
                .map(target -> new Shadow.Target(target.getPool(), target.getProviderModel()))
                .toList(),
            use.getDue())
        : new Shadow.CopyOf(JobId.parse(copyOf).orElseThrow());
  }

  private static dev.sluice.contract.avro.RepeatKey repeat(RepeatKey key) {
    return new dev.sluice.contract.avro.RepeatKey(
        key.named(), key.key().bytes(), key.fingerprint().bytes(), key.since());
  }

  private static RepeatKey repeat(dev.sluice.contract.avro.RepeatKey key) {
    return new RepeatKey(
        key.getNamed(), Digest.of(key.getKey()), Digest.of(key.getFingerprint()), key.getSince());
  }

  static RememberedJob remembered(Repeats.Remembered job) {
    return new RememberedJob(repeat(job.key()), job.until());
  }

  static Repeats.Remembered remembered(JobId id, RememberedJob job) {
    return new Repeats.Remembered(id, repeat(job.getRepeat()), job.getUntil());
  }

  static JoinedJob joined(Repeats.Joined repeat) {
    return new JoinedJob(repeat.tenant(), repeat.first().text());
  }

  static Repeats.Joined joined(JobId by, JoinedJob repeat) {
    return new Repeats.Joined(by, repeat.getTenant(), JobId.parse(repeat.getFirst()).orElseThrow());
  }

  static Optional<Callback> callback(@Nullable JobCallback callback) {
    return Optional.ofNullable(callback)
        .map(known ->
            new Callback(
                known.getEndpoint(),
                Optional.ofNullable(known.getUrl()),
                Optional.ofNullable(known.getSecretId())));
  }

  static @Nullable JobCallback callback(Optional<Callback> callback) {
    return callback
        .map(known ->
            new JobCallback(
                known.endpoint(), known.url().orElse(null), known.secretId().orElse(null)))
        .orElse(null);
  }

  private static Phase phase(JobImage image) {
    Optional<Placement> placement =
        image.getPool() == null
            ? Optional.empty()
            : Optional.of(
                new Placement(
                    image.getPool(),
                    text(image.getProviderModel()),
                    image.getPolicyVersion(),
                    text(image.getRouteReason()),
                    RouteChoices.choice(image.getRouteChoice())));
    return switch (image.getPhase()) {
      case WAITING ->
          new Phase.Waiting(instant(image.getNotBefore()), placement, Uses.hold(image)).shared();
      case RELEASED ->
          new Phase.Released(
              placement.orElseThrow(),
              image.getAttempt(),
              image.getRelease(),
              instant(image.getReleasedAt()));
      case RUNNING -> claim(image, placement.orElseThrow());
      case DONE ->
          new Phase.Done(
              status(image.getStatus()),
              placement,
              image.getClaimId(),
              Optional.ofNullable(image.getOutcome()).map(Transitions::position),
              Optional.ofNullable(image.getError()).map(Transitions::failure),
              instant(image.getFinishedAt()),
              lastCall(image));
      case UNKNOWN -> throw new IllegalArgumentException("a phase of a newer version");
    };
  }

  private static Phase.Running claim(JobImage image, Placement placement) {
    return new Phase.Running(
        placement,
        image.getAttempt(),
        image.getRelease(),
        text(image.getWorker()),
        image.getInboxPartition(),
        image.getClaimId(),
        instant(image.getReleasedAt()));
  }

  private static Phase.LastCall lastCall(JobImage image) {
    if (image.getLostAfterEnd() != null) {
      return new Phase.LastCall.Lost(attempt(image.getLostAfterEnd()));
    }
    OpenCall call = image.getOpenCall();
    return call == null ? new Phase.LastCall.Accounted() : OpenCalls.lastCall(call);
  }

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

  private static Attempt attempt(AttemptSummary summary) {
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

  static RecordPosition position(LogPosition position) {
    return new RecordPosition(position.topic(), position.partition(), position.offset());
  }

  private static LogPosition position(RecordPosition position) {
    return new LogPosition(
        shared(position.getTopic()), position.getPartition(), position.getOffset());
  }

  static PriorityClass priority(Priority priority) {
    return switch (priority) {
      case INTERACTIVE -> PriorityClass.INTERACTIVE;
      case STANDARD -> PriorityClass.STANDARD;
      case BATCH -> PriorityClass.BATCH;
    };
  }

  static Priority priority(PriorityClass priority) {
    return switch (priority) {
      case INTERACTIVE -> Priority.INTERACTIVE;
      case STANDARD, UNKNOWN -> Priority.STANDARD;
      case BATCH -> Priority.BATCH;
    };
  }

  static JobStatus status(Phase.Status status) {
    return switch (status) {
      case SUCCEEDED -> JobStatus.SUCCEEDED;
      case FAILED -> JobStatus.FAILED;
      case CANCELLED -> JobStatus.CANCELLED;
      case EXPIRED -> JobStatus.EXPIRED;
    };
  }

  private static Phase.Status status(@Nullable JobStatus status) {
    return switch (status) {
      case SUCCEEDED -> Phase.Status.SUCCEEDED;
      case CANCELLED -> Phase.Status.CANCELLED;
      case EXPIRED -> Phase.Status.EXPIRED;
      case FAILED -> Phase.Status.FAILED;
      case QUEUED, HELD, RUNNING, UNKNOWN ->
          throw new IllegalArgumentException("done with status " + status);
      case null -> throw new IllegalArgumentException("done without a status");
    };
  }

  private static final Map<FailureCause, dev.sluice.contract.avro.FailureCause> CAUSES =
      java.util.Arrays.stream(FailureCause.values())
          .collect(
              java.util.stream.Collectors.toMap(
                  cause -> cause,
                  cause -> dev.sluice.contract.avro.FailureCause.valueOf(cause.name())));

  static dev.sluice.contract.avro.FailureCause cause(FailureCause cause) {
    return CAUSES.getOrDefault(cause, dev.sluice.contract.avro.FailureCause.INTERNAL);
  }

  static FailureCause cause(dev.sluice.contract.avro.FailureCause cause) {
    return FailureCause.valueOf(cause.name());
  }

  private static String text(@Nullable String text) {
    return text == null ? "" : text;
  }

  private static Instant instant(@Nullable Instant instant) {
    return instant == null ? Instant.EPOCH : instant;
  }
}
