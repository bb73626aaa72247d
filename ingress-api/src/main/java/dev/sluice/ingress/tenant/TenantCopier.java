package dev.sluice.ingress.tenant;

import dev.sluice.contract.avro.EventKind;
import dev.sluice.contract.avro.JobEvent;
import dev.sluice.contract.avro.JobResult;
import dev.sluice.contract.model.JobId;
import dev.sluice.contract.model.Policy;
import dev.sluice.contract.topic.Headers;
import dev.sluice.contract.topic.Topics;
import dev.sluice.ingress.core.CopyFilter;
import dev.sluice.ingress.core.EventFilter;
import dev.sluice.ingress.core.JobFacts;
import dev.sluice.ingress.core.Status;
import dev.sluice.ingress.json.JsonOut;
import dev.sluice.ingress.log.JobLog;
import dev.sluice.runtime.lifecycle.ServiceContext;
import dev.sluice.runtime.telemetry.LogKeys;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.Serde;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Copies results and events of tenants that ask into their own topics: in order, and once. Places
/// and copies are one transaction; repeats in the shared topics are known by what was copied
/// before, which a new owner of a partition reads again without copying it.
final class TenantCopier implements TenantLoop.Round {
  private static final Logger LOG = LoggerFactory.getLogger(TenantCopier.class);
  private static final Duration POLL = Duration.ofMillis(500);
  private static final String GROUP = "sluice.tenant-copies";
  private static final String EVENTS = Topics.EVENTS.name();
  private static final String RESULTS = Topics.RESULTS.name();

  /// Records before the first one to copy that are read again; a repeat comes within seconds.
  private static final long READ_AGAIN = 20_000;

  private static final int JOBS = 50_000;

  private final ServiceContext context;
  private final JobLog log;
  private final Serde<JobEvent> events;
  private final Serde<JobResult> results;
  private final Map<TopicPartition, CopyFilter> filters = new HashMap<>();

  /// First record of each partition that is to be copied.
  private final Map<TopicPartition, Long> from = new HashMap<>();

  private boolean uncommitted;

  TenantCopier(ServiceContext context, JobLog log) {
    this.context = context;
    this.log = log;
    this.events = context.serdes().forRecord(JobEvent.class);
    this.results = context.serdes().forRecord(JobResult.class);
  }

  @Override
  public boolean wanted(Policy policy) {
    return log.ready()
        && policy.tenants().values().stream()
            .anyMatch(tenant -> tenant.kafka().events() || tenant.kafka().results());
  }

  @Override
  public void run(TenantLoop loop) {
    String client = "sluice-copies-" + context.processId();
    filters.clear();
    from.clear();
    try (KafkaConsumer<byte[], byte[]> consumer =
            context.kafka().reader(client, IntakeReader.group(GROUP));
        KafkaProducer<byte[], byte[]> producer = context.kafka().transactional(client, client)) {
      loop.opened(consumer);
      producer.initTransactions();
      consumer.subscribe(List.of(EVENTS, RESULTS), assigned(consumer));
      while (!loop.stopping() && wanted(context.policy().current())) {
        copy(consumer, producer);
      }
    }
  }

  private ConsumerRebalanceListener assigned(KafkaConsumer<byte[], byte[]> consumer) {
    return new ConsumerRebalanceListener() {
      @Override
      public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
        Map<TopicPartition, Long> first = consumer.beginningOffsets(partitions);
        Map<TopicPartition, OffsetAndMetadata> committed =
            consumer.committed(Set.copyOf(partitions));
        for (TopicPartition partition : partitions) {
          long oldest = first.getOrDefault(partition, 0L);
          OffsetAndMetadata place = committed.get(partition);
          long next = place == null ? oldest : Math.max(oldest, place.offset());
          from.put(partition, next);
          filters.put(partition, new CopyFilter(JOBS));
          consumer.seek(partition, Math.max(oldest, next - READ_AGAIN));
        }
        uncommitted = true;
      }

      @Override
      public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
        partitions.forEach(from::remove);
        partitions.forEach(filters::remove);
      }
    };
  }

  private void copy(
      KafkaConsumer<byte[], byte[]> consumer, KafkaProducer<byte[], byte[]> producer) {
    ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
    if (records.isEmpty() && !uncommitted) {
      return;
    }
    Policy policy = context.policy().current();
    List<ProducerRecord<byte[], byte[]>> copies = new ArrayList<>();
    for (ConsumerRecord<byte[], byte[]> record : records) {
      copy(record, policy).ifPresent(copies::add);
    }
    producer.beginTransaction();
    for (ProducerRecord<byte[], byte[]> copy : copies) {
      // What fails fails the commit.
      var _ = producer.send(copy);
    }
    producer.sendOffsetsToTransaction(next(consumer), consumer.groupMetadata());
    producer.commitTransaction();
    uncommitted = false;
  }

  /// Places are not committed back to what is only read again.
  private Map<TopicPartition, OffsetAndMetadata> next(KafkaConsumer<byte[], byte[]> consumer) {
    Map<TopicPartition, OffsetAndMetadata> next = new HashMap<>();
    from.forEach((partition, first) ->
        next.put(partition, new OffsetAndMetadata(Math.max(first, consumer.position(partition)))));
    return next;
  }

  private Optional<ProducerRecord<byte[], byte[]>> copy(
      ConsumerRecord<byte[], byte[]> record, Policy policy) {
    TopicPartition place = new TopicPartition(record.topic(), record.partition());
    CopyFilter filter = filters.get(place);
    Header named = record.headers().lastHeader(Headers.TENANT);
    String tenant = named == null ? "" : new String(named.value(), StandardCharsets.UTF_8);
    boolean ofEvents = record.topic().equals(EVENTS);
    boolean asked =
        policy
            .tenant(tenant)
            .map(Policy.Tenant::kafka)
            .map(own -> ofEvents ? own.events() : own.results())
            .orElse(false);
    if (!asked || filter == null) {
      return Optional.empty();
    }
    try {
      Optional<byte[]> shown = ofEvents ? event(record, filter) : result(record, filter);
      return record.offset() < from.getOrDefault(place, 0L)
          ? Optional.empty()
          : shown.map(value -> copied(record, tenant, value));
    } catch (SerializationException e) {
      LOG.atWarn()
          .addKeyValue(LogKeys.TOPIC, record.topic())
          .addKeyValue(LogKeys.PARTITION, record.partition())
          .addKeyValue(LogKeys.OFFSET, record.offset())
          .setCause(e)
          .log("record cannot be copied, passed over");
      return Optional.empty();
    }
  }

  private Optional<byte[]> result(ConsumerRecord<byte[], byte[]> record, CopyFilter filter) {
    JobResult result = results.deserializer().deserialize(RESULTS, record.value());
    String topic = Topics.resultsOf(result.getTenant()).name();
    return result.getShadowOf() == null && filter.result(id(result.getJobId()))
        ? Optional.of(results.serializer().serialize(topic, result))
        : Optional.empty();
  }

  private Optional<byte[]> event(ConsumerRecord<byte[], byte[]> record, CopyFilter filter) {
    JobEvent event = events.deserializer().deserialize(EVENTS, record.value());
    String topic = Topics.eventsOf(event.getTenant()).name();
    if (event.getShadowOf() != null) {
      return Optional.empty();
    }
    if (event.getKind() == EventKind.ERASED) {
      return Optional.of(events.serializer().serialize(topic, event));
    }
    if (event.getKind() == EventKind.UNKNOWN || (event.getStatus() == null && deltas(event) == 0)) {
      return Optional.empty();
    }
    EventFilter.Claim claim = new EventFilter.Claim(event.getAttempt(), event.getClaimId());
    EventFilter.Event seen =
        event.getKind() == EventKind.DELTA
            ? new EventFilter.Event.Delta(claim, event.getSequence(), deltas(event))
            : new EventFilter.Event.StateChange(event.getSequence(), status(event), claim);
    return switch (filter.event(id(event.getJobId()), seen)) {
      case EventFilter.Shown.Nothing() -> Optional.empty();
      case EventFilter.Shown.StateChange(int _) ->
          Optional.of(events.serializer().serialize(topic, event));
      case EventFilter.Shown.Parts(int _, int skip, int _, boolean _) -> {
        event.setDeltas(event.getDeltas().subList(skip, deltas(event)));
        event.setSequence(event.getSequence() + skip);
        yield Optional.of(events.serializer().serialize(topic, event));
      }
    };
  }

  private static int deltas(JobEvent event) {
    return event.getDeltas().size();
  }

  private static Status status(JobEvent event) {
    return Status.of(String.valueOf(event.getStatus()).toLowerCase(Locale.ROOT))
        .orElseThrow(() -> new SerializationException("an event with an unknown status"));
  }

  private static JobId id(String text) {
    return JobId.parse(text)
        .orElseThrow(() -> new SerializationException("a record of no job: its id cannot be read"));
  }

  private ProducerRecord<byte[], byte[]> copied(
      ConsumerRecord<byte[], byte[]> record, String tenant, byte[] value) {
    boolean ofEvents = record.topic().equals(EVENTS);
    String topic = (ofEvents ? Topics.eventsOf(tenant) : Topics.resultsOf(tenant)).name();
    ProducerRecord<byte[], byte[]> copy = new ProducerRecord<>(topic, record.key(), value);
    for (String name :
        Set.of(Headers.JOB, Headers.TENANT, Headers.TRACEPARENT, Headers.TRACESTATE)) {
      Header header = record.headers().lastHeader(name);
      if (header != null) {
        copy.headers().add(header);
      }
    }
    if (!ofEvents) {
      copy.headers().add(Headers.TAGS, tags(record));
    }
    return copy;
  }

  /// By the tags the tenant knows its own request; the terminal record does not have them.
  private byte[] tags(ConsumerRecord<byte[], byte[]> record) {
    Map<String, String> tags =
        JobId.parse(new String(record.key(), StandardCharsets.UTF_8))
            .flatMap(log::find)
            .map(JobFacts::origin)
            .map(JobFacts.Origin::tags)
            .orElse(Map.of());
    JsonOut out = new JsonOut(64).beginObject();
    tags.forEach((name, value) -> out.field(name, value));
    return out.endObject().toBytes();
  }
}
