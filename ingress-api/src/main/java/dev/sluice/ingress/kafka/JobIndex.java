package dev.sluice.ingress.kafka;

import dev.sluice.contract.avro.JobEvent;
import dev.sluice.contract.avro.JobResult;
import dev.sluice.contract.avro.JobStatus;
import dev.sluice.contract.model.JobId;
import dev.sluice.contract.model.Priority;
import dev.sluice.contract.topic.Topics;
import dev.sluice.ingress.core.EventFilter;
import dev.sluice.ingress.core.JobFacts;
import dev.sluice.ingress.core.Status;
import dev.sluice.ingress.log.JobSignal;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.apache.kafka.common.errors.SerializationException;
import org.jspecify.annotations.Nullable;

/// What the reply partitions say about jobs: each record changes a job's facts, wakes those who
/// watch the job, and later goes to disk with others. Facts are in memory before a watcher hears of
/// them, so who hears and then asks sees no older state.
///
/// The `apply` methods and `flush` belong to the thread that tails the partitions; everything else
/// may be called by any.
final class JobIndex {
  /// Unfinished jobs kept in memory between flushes; the others are read from disk.
  private static final int MAX_RECENT = 20_000;

  /// As long as the log holds the event that says so.
  private static final Duration NAMES_KEPT = Topics.EVENTS.retention().orElseThrow();

  /// The number of an event that no watcher counts.
  private static final int NO_ORDINAL = 0;

  private final JobStore store;
  private final Records records;
  private final Watches watches;
  private final ConcurrentHashMap<JobId, JobFacts> recent = new ConcurrentHashMap<>();
  private final Set<JobId> changed = ConcurrentHashMap.newKeySet();
  private final StoreBatch batch = new StoreBatch();
  private final Consumer<JobId> awaited;
  private volatile boolean unflushed;

  /// @param awaited told of the first job of a repeat that somebody watches; must not wait
  JobIndex(JobStore store, Records records, Watches watches, Consumer<JobId> awaited) {
    this.awaited = awaited;
    this.store = store;
    this.records = records;
    this.watches = watches;
  }

  Optional<JobFacts> find(JobId id) {
    JobFacts facts = recent.get(id);
    return facts != null ? Optional.of(facts) : store.facts(id);
  }

  /// Facts that the log does not hold yet; what it says later wins.
  void remember(JobFacts facts) {
    if (find(facts.id()).isEmpty() && recent.putIfAbsent(facts.id(), facts) == null) {
      changed.add(facts.id());
      unflushed = true;
    }
  }

  /// @throws SerializationException when the record is not usable
  void applyEvent(byte @Nullable [] value, long offset) {
    JobEvent event = records.event(value);
    JobId id = idOf(event.getJobId());
    JobFacts facts = known(id, event.getTenant());
    if (facts.erased()) {
      return;
    }
    if (facts.joinedTo().isPresent()) {
      return;
    }
    switch (event.getKind()) {
      case STATE -> state(facts, event, offset);
      case DELTA -> delta(facts, event, offset);
      case ERASED -> erase(facts);
      case UNKNOWN -> {}
    }
  }

  /// @throws SerializationException when the record is not usable
  void applyResult(byte @Nullable [] value, long offset) {
    JobResult result = records.result(value);
    JobId id = idOf(result.getJobId());
    JobFacts facts = known(id, result.getTenant());
    if (facts.erased() || facts.finished()) {
      return;
    }
    JobFacts.Ending ending =
        new JobFacts.Ending(
            statusOf(result.getStatus()),
            result.getFinishedAt(),
            result.getExpiresAt(),
            offset,
            records.summary(result));
    change(facts.withEnding(ending));
    watches.tell(id, new JobSignal.Finished(result));
    batch.expires(result.getExpiresAt(), id);
  }

  private void state(JobFacts before, JobEvent event, long offset) {
    if (event.getJoinedTo() != null) {
      join(before, idOf(event.getJoinedTo()), event);
      return;
    }
    Status status = statusOf(event.getStatus());
    EventFilter.Claim claim = new EventFilter.Claim(event.getAttempt(), event.getClaimId());
    EventFilter.Step step =
        EventFilter.next(
            before.filter(), new EventFilter.Event.StateChange(event.getSequence(), status, claim));
    JobFacts after = before;
    if (event.getModel() != null && before.origin().request().isEmpty()) {
      after = before.withOrigin(origin(event));
    }
    if (event.getShadowOf() != null && before.copies().of().isEmpty()) {
      JobFacts primary = known(idOf(event.getShadowOf()), event.getTenant());
      if (primary.erased()) {
        erase(after);
        return;
      }
      change(primary.copiedBy(before.id()));
      after = after.withOrigin(after.origin().ofRequest(primary.origin())).copyOf(primary.id());
    }
    if (step.shown() instanceof EventFilter.Shown.StateChange(int ordinal)) {
      after = after.withOrigin(urgency(after.origin(), event));
      change(after.withProgress(progress(before.progress(), status, event), step.state()));
      batch.event(before.id(), new EventRow(ordinal, offset, 0, 0, false));
      watches.tell(before.id(), new JobSignal.StateChanged(ordinal, event));
    } else if (!after.origin().equals(before.origin())) {
      change(after);
    }
  }

  /// The id is another name of a job: what is said of that job is said of it.
  private void join(JobFacts repeat, JobId first, JobEvent event) {
    change(repeat.joined(first));
    batch.unlist(repeat.tenant(), repeat.id());
    batch.expires(event.getAt().plus(NAMES_KEPT), repeat.id());
    if (watches.join(repeat.id(), first)) {
      watches.tell(first, new JobSignal.StateChanged(NO_ORDINAL, event));
      awaited.accept(first);
    }
  }

  private void delta(JobFacts before, JobEvent event, long offset) {
    List<ByteBuffer> parts = event.getDeltas();
    EventFilter.Claim claim = new EventFilter.Claim(event.getAttempt(), event.getClaimId());
    EventFilter.Step step =
        EventFilter.next(
            before.filter(), new EventFilter.Event.Delta(claim, event.getSequence(), parts.size()));
    if (step.shown()
        instanceof EventFilter.Shown.Parts(int ordinal, int skip, int count, boolean restarted)) {
      change(before.withFilter(step.state()));
      batch.event(before.id(), new EventRow(ordinal, offset, skip, count, restarted));
      watches.tell(
          before.id(),
          new JobSignal.Parts(
              ordinal,
              restarted,
              event.getAttempt(),
              event.getClaimId(),
              parts.subList(skip, parts.size())));
    }
  }

  private void erase(JobFacts before) {
    change(before.withoutTrace());
    batch.forgetEvents(before.id());
    batch.unlist(before.tenant(), before.id());
    // First, for who hears that a job is gone may ask for its copies at once.
    for (JobId copy : before.copies().made()) {
      find(copy).filter(facts -> !facts.erased()).ifPresent(this::erase);
    }
    watches.tell(before.id(), new JobSignal.Erased());
  }

  private JobFacts known(JobId id, String tenant) {
    return find(id).orElseGet(() -> JobFacts.unread(id, tenant));
  }

  private void change(JobFacts facts) {
    unflushed = true;
    recent.put(facts.id(), facts);
    changed.add(facts.id());
  }

  boolean unflushed() {
    return unflushed;
  }

  int changes() {
    return batch.size() + changed.size();
  }

  /// How far a partition has been read, to be written with what was read.
  void position(char topic, int partition, long next) {
    batch.position(topic, partition, next);
  }

  /// Writes all changes to disk, in one batch.
  void flush() {
    for (var left = changed.iterator(); left.hasNext(); ) {
      JobId id = left.next();
      left.remove();
      JobFacts facts = recent.get(id);
      if (facts != null) {
        batch.facts(facts);
        if (facts.listed()) {
          // Said again with each change: cheaper than knowing whether it was said.
          batch.listed(facts.tenant(), id);
        }
      }
    }
    store.write(batch);
    unflushed = !changed.isEmpty();
    boolean crowded = recent.size() > MAX_RECENT;
    recent
        .values()
        .removeIf(facts -> (crowded || facts.finished()) && !changed.contains(facts.id()));
  }

  void close() {
    batch.close();
  }

  private static JobId idOf(String text) {
    return JobId.parse(text)
        .orElseThrow(() -> new SerializationException("a record of no job: its id cannot be read"));
  }

  private static JobFacts.Origin origin(JobEvent event) {
    return new JobFacts.Origin(
        event.getModel(),
        orEmpty(event.getEndpoint()),
        priority(event),
        event.getDeadline() == null ? Instant.EPOCH : event.getDeadline(),
        event.getTags(),
        Optional.ofNullable(event.getSubmission())
            .map(at -> new JobFacts.Place(at.getTopic(), at.getPartition(), at.getOffset())),
        new JobFacts.Size(
            event.getEstimatedInputTokens(), JobFacts.limit(event.getMaxOutputTokens())),
        new JobFacts.Whose(orEmpty(event.getKeyId()), orEmpty(event.getGroup())));
  }

  /// A job that waits may have become more or less urgent.
  private static JobFacts.Origin urgency(JobFacts.Origin before, JobEvent event) {
    return event.getPriority() == null || event.getDeadline() == null
        ? before
        : before.asUrgentAs(priority(event), event.getDeadline());
  }

  private static Priority priority(JobEvent event) {
    return event.getPriority() == null
        ? Priority.STANDARD
        : Priority.of(event.getPriority().name().toLowerCase(java.util.Locale.ROOT))
            .orElse(Priority.STANDARD);
  }

  private static JobFacts.Progress progress(
      JobFacts.Progress before, Status status, JobEvent event) {
    boolean starts = status == Status.RUNNING && before.startedAt().equals(Instant.EPOCH);
    return new JobFacts.Progress(
        status,
        orEmpty(event.getReason()),
        orEmpty(event.getHeldBy()),
        event.getHeldUntil() == null ? Instant.EPOCH : event.getHeldUntil(),
        event.getPool() == null ? before.pool() : event.getPool(),
        event.getProviderModel() == null ? before.providerModel() : event.getProviderModel(),
        starts ? event.getAt() : before.startedAt(),
        event.getAttempt(),
        RouteChoices.of(event));
  }

  private static Status statusOf(@Nullable JobStatus status) {
    return switch (status) {
      case QUEUED -> Status.QUEUED;
      case HELD -> Status.HELD;
      case RUNNING -> Status.RUNNING;
      case SUCCEEDED -> Status.SUCCEEDED;
      case FAILED -> Status.FAILED;
      case CANCELLED -> Status.CANCELLED;
      case EXPIRED -> Status.EXPIRED;
      case null -> throw new SerializationException("a record without a status");
      case UNKNOWN -> throw new SerializationException("a record with an unknown status");
    };
  }

  private static String orEmpty(@Nullable String text) {
    return text == null ? "" : text;
  }
}
