package dev.sluice.ingress.tenant;

import dev.sluice.contract.avro.AuditEvent;
import dev.sluice.contract.avro.DeadLetter;
import dev.sluice.contract.avro.JobRequest;
import dev.sluice.contract.avro.RecordPosition;
import dev.sluice.contract.avro.Submission;
import dev.sluice.contract.model.ErrorCode;
import dev.sluice.contract.model.Policy;
import dev.sluice.contract.model.Priority;
import dev.sluice.contract.topic.DeadLetters;
import dev.sluice.contract.topic.Headers;
import dev.sluice.contract.topic.ReadAtOnce;
import dev.sluice.contract.topic.ShardPartition;
import dev.sluice.contract.topic.Topics;
import dev.sluice.ingress.IngressConfig;
import dev.sluice.ingress.log.JobLog;
import dev.sluice.ingress.log.LogUnavailableException;
import dev.sluice.runtime.lifecycle.ServiceContext;
import dev.sluice.runtime.telemetry.LogKeys;
import io.micrometer.core.instrument.Counter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Serde;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes the jobs that tenants produce to their intake topics, shared among all ingresses: checks
/// each as HTTP does and gives it to the router, or sets it aside with the reason. A place is
/// committed after its job is in the log. What is read again after a crash is the same job, since
/// its id is its place: the index of jobs knows it, or the router does (ADR 0016).
final class IntakeReader implements TenantLoop.Round {
  private static final Logger LOG = LoggerFactory.getLogger(IntakeReader.class);
  private static final Duration POLL = Duration.ofMillis(500);
  private static final Duration ACKNOWLEDGED = Duration.ofSeconds(30);

  /// After so long the partitions of an ingress that died go to another.
  private static final Duration SESSION = Duration.ofSeconds(6);

  private static final String GROUP = "sluice.intake";

  private final ServiceContext context;
  private final JobLog log;
  private final IntakeForm form;
  private final Serde<Submission> submissions;
  private final Serde<DeadLetter> deadLetters;
  private final Serde<AuditEvent> audits;
  private final Counter accepted;
  private final Counter refused;

  /// End of each partition when it was given to us: what lies before may have been taken already.
  private final Map<TopicPartition, Long> suspect = new HashMap<>();

  IntakeReader(ServiceContext context, JobLog log, IngressConfig config, int replyPartitions) {
    this.context = context;
    this.log = log;
    this.form =
        new IntakeForm(context.serdes().forRecord(JobRequest.class), config, replyPartitions);
    this.submissions = context.serdes().forRecord(Submission.class);
    this.deadLetters = context.serdes().forRecord(DeadLetter.class);
    this.audits = context.serdes().forRecord(AuditEvent.class);
    this.accepted =
        Counter.builder("sluice.ingress.intake.accepted")
            .description("jobs taken from intake topics")
            .register(context.meters());
    this.refused =
        Counter.builder("sluice.ingress.intake.refused")
            .description("records of intake topics that were set aside")
            .register(context.meters());
  }

  /// The topics to read under a policy.
  static Set<String> topics(Policy policy) {
    return policy.tenants().values().stream()
        .filter(tenant -> tenant.kafka().submit())
        .map(tenant -> Topics.intake(tenant.id()).name())
        .collect(Collectors.toSet());
  }

  @Override
  public boolean wanted(Policy policy) {
    return log.ready() && !topics(policy).isEmpty();
  }

  @Override
  public void run(TenantLoop loop) {
    Policy policy = context.policy().current();
    try (KafkaConsumer<byte[], byte[]> consumer =
            context.kafka().reader("sluice-intake-" + context.processId(), group(GROUP));
        KafkaProducer<byte[], byte[]> producer =
            context.kafka().producer("sluice-intake-" + context.processId())) {
      loop.opened(consumer);
      consumer.subscribe(topics(policy), assigned(consumer));
      while (!loop.stopping() && topics(context.policy().current()).equals(topics(policy))) {
        take(consumer, producer);
      }
    }
  }

  /// Settings of a consumer that shares its topics with those of other ingresses.
  static Map<String, Object> group(String name) {
    return Map.of(
        ConsumerConfig.GROUP_ID_CONFIG,
        name,
        ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG,
        (int) SESSION.toMillis(),
        ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG,
        (int) SESSION.toMillis() / 3,
        ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG,
        false,
        ConsumerConfig.METADATA_MAX_AGE_CONFIG,
        5_000);
  }

  private ConsumerRebalanceListener assigned(KafkaConsumer<byte[], byte[]> consumer) {
    return new ConsumerRebalanceListener() {
      @Override
      public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
        suspect.putAll(consumer.endOffsets(partitions));
      }

      @Override
      public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
        partitions.forEach(suspect::remove);
      }
    };
  }

  private void take(
      KafkaConsumer<byte[], byte[]> consumer, KafkaProducer<byte[], byte[]> producer) {
    ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
    if (records.isEmpty()) {
      return;
    }
    Policy policy = context.policy().current();
    List<Future<RecordMetadata>> sent = new ArrayList<>();
    for (ConsumerRecord<byte[], byte[]> record : records) {
      if (!taken(record, policy)) {
        outputs(record, policy, producer).forEach(output -> sent.add(producer.send(output)));
      }
    }
    sent.forEach(IntakeReader::await);
    consumer.commitSync();
  }

  private boolean taken(ConsumerRecord<byte[], byte[]> record, Policy policy) {
    TopicPartition partition = new TopicPartition(record.topic(), record.partition());
    return record.offset() < suspect.getOrDefault(partition, 0L)
        && form.id(record, policy).flatMap(log::find).isPresent();
  }

  private static void await(Future<RecordMetadata> sent) {
    try {
      var _ = sent.get(ACKNOWLEDGED.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new LogUnavailableException("the log did not confirm a job in time", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LogUnavailableException("the ingress is stopping", e);
    }
  }

  private List<ProducerRecord<byte[], byte[]>> outputs(
      ConsumerRecord<byte[], byte[]> record,
      Policy policy,
      KafkaProducer<byte[], byte[]> producer) {
    return switch (form.read(record, policy)) {
      case Intake.Accepted(Submission submission) -> {
        accepted.increment();
        yield List.of(job(record, submission, producer));
      }
      case Intake.Refused why -> {
        refused.increment();
        LOG.atDebug()
            .addKeyValue(LogKeys.TOPIC, record.topic())
            .addKeyValue(LogKeys.OFFSET, record.offset())
            .addKeyValue(LogKeys.ERROR_CODE, why.code().code())
            .log("intake record set aside");
        yield why.code() == ErrorCode.TENANT_MISMATCH
            ? List.of(deadLetter(record, why), audit(record, why))
            : List.of(deadLetter(record, why));
      }
    };
  }

  private ProducerRecord<byte[], byte[]> job(
      ConsumerRecord<byte[], byte[]> record,
      Submission submission,
      KafkaProducer<byte[], byte[]> producer) {
    String topic = Topics.jobs(Priority.valueOf(submission.getPriority().name())).name();
    ProducerRecord<byte[], byte[]> job =
        new ProducerRecord<>(
            topic,
            ShardPartition.of(topic, submission.getTenant(), submission.getJobId(), producer),
            utf8(submission.getTenant()),
            submissions.serializer().serialize(topic, submission));
    job.headers()
        .add(Headers.JOB, utf8(submission.getJobId()))
        .add(Headers.TENANT, utf8(submission.getTenant()))
        .add(Headers.DEADLINE, utf8(submission.getDeadline().toString()));
    for (String trace : List.of(Headers.TRACEPARENT, Headers.TRACESTATE)) {
      var header = record.headers().lastHeader(trace);
      if (header != null) {
        job.headers().add(header);
      }
    }
    return ReadAtOnce.of(job);
  }

  private ProducerRecord<byte[], byte[]> deadLetter(
      ConsumerRecord<byte[], byte[]> record, Intake.Refused why) {
    DeadLetter letter =
        DeadLetters.of(record, why.code(), why.message(), Instant.ofEpochMilli(record.timestamp()));
    letter.setTenant(why.tenant());
    String topic = Topics.DLQ.name();
    return new ProducerRecord<>(
        topic, utf8(record.topic()), deadLetters.serializer().serialize(topic, letter));
  }

  private ProducerRecord<byte[], byte[]> audit(
      ConsumerRecord<byte[], byte[]> record, Intake.Refused why) {
    AuditEvent event = new AuditEvent();
    event.setAt(context.clock().instant());
    event.setAction("intake.submit");
    event.setTenant(why.tenant());
    event.setClaimedTenant(why.claimed().orElse(null));
    event.setCode(why.code().code());
    event.setSource(new RecordPosition(record.topic(), record.partition(), record.offset()));
    String topic = Topics.AUDIT.name();
    return new ProducerRecord<>(
        topic, utf8(why.tenant()), audits.serializer().serialize(topic, event));
  }

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
