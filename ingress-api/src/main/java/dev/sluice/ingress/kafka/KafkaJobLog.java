package dev.sluice.ingress.kafka;

import dev.sluice.contract.avro.Command;
import dev.sluice.contract.avro.JobEvent;
import dev.sluice.contract.avro.JobResult;
import dev.sluice.contract.avro.Submission;
import dev.sluice.contract.model.JobId;
import dev.sluice.ingress.core.JobFacts;
import dev.sluice.ingress.log.JobLog;
import dev.sluice.ingress.log.JobQuery;
import dev.sluice.ingress.log.JobSignal;
import dev.sluice.ingress.log.JobWatch;
import dev.sluice.ingress.log.LogUnavailableException;
import dev.sluice.ingress.log.TraceContext;
import dev.sluice.runtime.lifecycle.ServiceContext;
import dev.sluice.runtime.telemetry.LogKeys;
import io.micrometer.core.instrument.Gauge;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The log on Kafka. Partitions of ours are followed from the start; those of other ingresses from
/// the first time someone asks for one of their jobs, by a thread of their own, so that reading
/// them for the first time slows no caller of ours.
public final class KafkaJobLog implements JobLog, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(KafkaJobLog.class);
  private static final Duration SETTLE = Duration.ofSeconds(5);
  private static final Duration FIRST_READ = Duration.ofSeconds(20);
  private static final int REPLAY_ROWS = 256;

  /// Each young collection copies what came into the cache since the one before, and every caller
  /// waits for it: more than this shows in their 99th percentile.
  private static final long CACHE_BYTES = 4L * 1024 * 1024;

  /// A job younger than this may be in the log and not yet in the index.
  private static final Duration YOUNG = Duration.ofSeconds(60);

  private final ReplyPartitions partitions;
  private final Clock clock;
  private final Records records;
  private final Watches watches = new Watches();
  private final JobStore store;
  private final ReplyTail owned;
  private final ReplyTail foreign;
  private final RecordCache cache = new RecordCache(CACHE_BYTES);
  private final LogReader reader;
  private final LogEnds ends;
  private final JobPublisher publisher;

  /// @param partitions how many reply partitions there are, and which are ours
  /// @param identity of the log, so that an index of another one is not used
  public KafkaJobLog(ServiceContext context, ReplyPartitions partitions, String identity) {
    this.partitions = partitions;
    this.clock = context.clock();
    this.records = new Records(context.serdes());
    this.store = JobStore.open(context.stateDir().resolve("jobs"), identity);
    ReplyTail.Counts counts = ReplyTail.Counts.in(context.meters());
    this.publisher =
        new JobPublisher(
            context.kafka(), "sluice-ingress-" + context.processId(), records, context.meters());
    this.owned = tail(context, "sluice-ingress-tail", counts, publisher::deadLetter);
    // What it cannot use, the owner of the partition sets aside.
    this.foreign = tail(context, "sluice-ingress-foreign-tail", counts, (_, _) -> {});
    this.reader =
        new LogReader(context.kafka(), "sluice-ingress-reader-" + context.processId(), cache);
    this.ends = new LogEnds(context.kafka(), "sluice-ingress-ends-" + context.processId());
    Gauge.builder("sluice.ingress.watched.jobs", watches, Watches::jobs)
        .description("jobs that someone waits for here")
        .register(context.meters());
    Gauge.builder("sluice.ingress.log.reads.waiting", reader, LogReader::waiting)
        .description("reads of old bodies that wait for their turn")
        .register(context.meters());
  }

  /// @param count how many there are
  /// @param owned those whose jobs this ingress takes
  public record ReplyPartitions(int count, List<Integer> owned) {
    public ReplyPartitions {
      owned = owned.isEmpty() ? IntStream.range(0, count).boxed().toList() : List.copyOf(owned);
      for (int partition : owned) {
        if (partition < 0 || partition >= count) {
          throw new IllegalArgumentException(
              "reply partition " + partition + " is not in 0.." + (count - 1));
        }
      }
    }
  }

  private ReplyTail tail(
      ServiceContext context,
      String name,
      ReplyTail.Counts counts,
      BiConsumer<ConsumerRecord<byte[], byte[]>, String> unusable) {
    JobIndex index = new JobIndex(store, records, watches, this::bringUp);
    return new ReplyTail(name, context.kafka(), store, index, cache, clock, counts, unusable);
  }

  public void start() {
    owned.follow(partitions.owned());
  }

  @Override
  public boolean ready() {
    return owned.caughtUp();
  }

  @Override
  public int replyPartition() {
    List<Integer> ours = partitions.owned();
    return ours.size() == 1
        ? ours.getFirst()
        : ours.get(ThreadLocalRandom.current().nextInt(ours.size()));
  }

  @Override
  public JobWatch watch(JobId id) {
    return watches.open(named(id));
  }

  @Override
  public void publish(Submission submission, TraceContext trace, JobWatch watch) {
    publisher.publish(submission, trace, watch);
  }

  @Override
  public void command(Command command) {
    if (command.getGroup() != null) {
      publisher.command(command);
      return;
    }
    JobId id = JobId.parse(command.getJobId()).orElseThrow();
    JobId job = named(id);
    command.setJobId(job.text());
    if (command.getErase() != null) {
      command.getErase().setReplyPartition(job.replyPartition());
    }
    publisher.command(command);
  }

  /// The job that an id names: itself, or the first one where its submission was a repeat.
  private JobId named(JobId id) {
    return id.replyPartition() >= partitions.count()
        ? id
        : tailOf(id).index().find(id).flatMap(JobFacts::joinedTo).orElse(id);
  }

  /// Tells those who have just begun to watch a job, because theirs was a repeat of it, how it
  /// ended if it has.
  private void bringUp(JobId first) {
    Thread.ofVirtual()
        .name("sluice-ingress-join")
        .start(() -> {
          try {
            find(first)
                .filter(JobFacts::finished)
                .flatMap(facts -> result(facts).or(() -> summary(facts)))
                .ifPresent(result -> watches.tell(first, new JobSignal.Finished(result)));
          } catch (LogUnavailableException e) {
            LOG.atWarn()
                .addKeyValue(LogKeys.JOB_ID, first)
                .setCause(e)
                .log("first job of a repeat cannot be read, its watchers wait for the log");
          }
        });
  }

  @Override
  public void remember(JobFacts facts) {
    tailOf(facts.id()).index().remember(facts);
  }

  @Override
  public Optional<JobFacts> find(JobId id) {
    if (id.replyPartition() >= partitions.count()) {
      return Optional.empty();
    }
    ReplyTail tail = tailOf(id);
    Optional<JobFacts> known = tail.index().find(id);
    if (known.isPresent()) {
      return shown(known.get());
    }
    Instant now = clock.instant();
    boolean young =
        id.createdAt().isAfter(now.minus(YOUNG)) && id.createdAt().isBefore(now.plus(YOUNG));
    if (young || !tail.caughtUp()) {
      settle(id);
      return tail.index().find(id).flatMap(this::shown);
    }
    return Optional.empty();
  }

  private Optional<JobFacts> shown(JobFacts known) {
    if (known.joinedTo().isEmpty()) {
      return Optional.of(known).filter(facts -> !facts.erased());
    }
    JobId first = known.joinedTo().get();
    Optional<JobFacts> facts = find(first);
    // Its writer has it, though its first event may not be here yet; an erased one is here.
    return facts.isPresent() || tailOf(first).index().find(first).isPresent()
        ? facts
        : Optional.of(JobFacts.unread(first, known.tenant()).withOrigin(known.origin()));
  }

  private ReplyTail tailOf(JobId id) {
    int partition = id.replyPartition();
    if (owned.follows(partition)) {
      return owned;
    }
    foreign.follow(List.of(partition));
    return foreign;
  }

  @Override
  public List<JobFacts> list(JobQuery query) {
    owned.awaitFlushed(SETTLE);
    List<Integer> others =
        IntStream.range(0, partitions.count()).filter(one -> !owned.follows(one)).boxed().toList();
    if (!others.isEmpty()) {
      // A tenant's jobs may have come through any ingress.
      foreign.follow(others);
      foreign.awaitApplied(ends(others), FIRST_READ);
      foreign.awaitFlushed(SETTLE);
    }
    return store.list(query.tenant(), query.after(), query.limit(), query::matches);
  }

  @Override
  public Optional<JobResult> result(JobFacts finished) {
    return finished.ending().flatMap(ending -> resultAt(finished, ending.offset()));
  }

  private Optional<JobResult> resultAt(JobFacts finished, long offset) {
    TopicPartition partition = new TopicPartition(Records.RESULTS, finished.id().replyPartition());
    Map<Long, byte[]> values = reader.read(finished.tenant(), partition, List.of(offset));
    return Optional.ofNullable(values.get(offset)).map(records::result);
  }

  @Override
  public Optional<JobResult> summary(JobFacts finished) {
    return finished.ending().map(ending -> records.result(ending.summary()));
  }

  @Override
  public Optional<Submission> request(JobFacts facts) {
    return facts.origin().request().flatMap(place -> submissionAt(facts, place));
  }

  private Optional<Submission> submissionAt(JobFacts facts, JobFacts.Place place) {
    TopicPartition partition = new TopicPartition(place.topic(), place.partition());
    Map<Long, byte[]> values = reader.read(facts.tenant(), partition, List.of(place.offset()));
    return Optional.ofNullable(values.get(place.offset()))
        .map(value -> records.submission(place.topic(), value))
        .filter(submission -> submission.getJobId().equals(asked(facts).text()));
  }

  /// The job whose submission it is: a copy has none of its own.
  private static JobId asked(JobFacts facts) {
    return facts.copies().of().orElse(facts.id());
  }

  @Override
  public List<JobSignal> replay(JobId name, int afterOrdinal) {
    JobId id = named(name);
    tailOf(id).awaitFlushed(SETTLE);
    List<EventRow> rows = store.events(id, afterOrdinal + 1, REPLAY_ROWS);
    if (rows.isEmpty()) {
      return List.of();
    }
    String tenant = tailOf(id).index().find(id).map(JobFacts::tenant).orElse("");
    Map<Long, byte[]> values =
        reader.read(
            tenant,
            new TopicPartition(Records.EVENTS, id.replyPartition()),
            rows.stream().map(EventRow::offset).toList());
    return rows.stream()
        .filter(row -> values.containsKey(row.offset()))
        .map(row -> signal(row, records.event(values.get(row.offset()))))
        .toList();
  }

  @Override
  public Mark markBefore(JobId id, int part) {
    tailOf(id).awaitFlushed(SETTLE);
    return store.mark(id, part);
  }

  private static JobSignal signal(EventRow row, JobEvent event) {
    if (row.parts() == 0) {
      return new JobSignal.StateChanged(row.ordinal(), event);
    }
    List<ByteBuffer> parts = event.getDeltas().subList(row.skip(), row.skip() + row.parts());
    return new JobSignal.Parts(
        row.ordinal(), row.restarted(), event.getAttempt(), event.getClaimId(), parts);
  }

  @Override
  public void settle(JobId name) {
    JobId id = named(name);
    ReplyTail tail = tailOf(id);
    tail.awaitApplied(ends(List.of(id.replyPartition())), tail.caughtUp() ? SETTLE : FIRST_READ);
  }

  private Map<TopicPartition, Long> ends(List<Integer> of) {
    return ends.of(
        of.stream()
            .flatMap(partition ->
                List.of(
                    new TopicPartition(Records.EVENTS, partition),
                    new TopicPartition(Records.RESULTS, partition))
                    .stream())
            .toList());
  }

  @Override
  public void close() {
    publisher.close();
    owned.close();
    foreign.close();
    reader.close();
    ends.close();
    store.close();
  }
}
