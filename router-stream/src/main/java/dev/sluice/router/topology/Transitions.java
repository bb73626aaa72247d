package dev.sluice.router.topology;

import dev.sluice.contract.avro.JobCallback;
import dev.sluice.contract.avro.JobImage;
import dev.sluice.contract.avro.JoinedJob;
import dev.sluice.contract.avro.PriorityClass;
import dev.sluice.contract.avro.RecordPosition;
import dev.sluice.contract.avro.RememberedJob;
import dev.sluice.contract.avro.ShadowTarget;
import dev.sluice.contract.avro.ShadowUse;
import dev.sluice.contract.model.JobId;
import dev.sluice.contract.model.Priority;
import dev.sluice.router.core.Callback;
import dev.sluice.router.core.Delivery;
import dev.sluice.router.core.Digest;
import dev.sluice.router.core.Job;
import dev.sluice.router.core.LogPosition;
import dev.sluice.router.core.Progress;
import dev.sluice.router.core.RepeatKey;
import dev.sluice.router.core.Repeats;
import dev.sluice.router.core.Shadow;
import java.math.BigDecimal;
import java.util.List;
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
    image.setAttempts(job.progress().attempts().stream().map(AttemptRecords::summary).toList());
    image.setOwed(job.progress().owed().orElse(null));
    image.setStartedAt(job.progress().startedAt().orElse(null));
    image.setRouteFacts(job.facts().map(RouteChoices::record).orElse(null));
    image.setGroup(job.group().orElse(null));
    image.setShadow(job.shadow().map(Transitions::shadow).orElse(null));
    image.setHeldRoutes(List.of());
    PhaseRecords.write(image, job.phase());
    return image;
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
        PhaseRecords.phase(image));
  }

  private static Progress progress(JobImage image) {
    return new Progress(
            image.getAttempts().stream().map(AttemptRecords::attempt).toList(),
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

  static RecordPosition position(LogPosition position) {
    return new RecordPosition(position.topic(), position.partition(), position.offset());
  }

  static LogPosition position(RecordPosition position) {
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
}
