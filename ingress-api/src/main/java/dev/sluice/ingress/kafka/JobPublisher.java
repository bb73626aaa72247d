package dev.sluice.ingress.kafka;

import dev.sluice.contract.avro.Command;
import dev.sluice.contract.avro.DeadLetter;
import dev.sluice.contract.avro.Submission;
import dev.sluice.contract.model.ErrorCode;
import dev.sluice.contract.model.Priority;
import dev.sluice.contract.topic.DeadLetters;
import dev.sluice.contract.topic.Headers;
import dev.sluice.contract.topic.ReadAtOnce;
import dev.sluice.contract.topic.ShardPartition;
import dev.sluice.contract.topic.Topics;
import dev.sluice.ingress.log.JobSignal;
import dev.sluice.ingress.log.JobWatch;
import dev.sluice.ingress.log.LogUnavailableException;
import dev.sluice.ingress.log.TraceContext;
import dev.sluice.runtime.kafka.KafkaClients;
import dev.sluice.runtime.telemetry.LogKeys;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Writes submissions and commands, keyed by the tenant's shard, and says when all replicas have
/// them. Gives up after a few seconds: a caller is told to come again rather than to wait for a
/// broker. Safe for use by many threads.
final class JobPublisher implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(JobPublisher.class);
  private static final String COMMANDS = Topics.COMMANDS.name();
  private static final Duration DELIVERY = Duration.ofMillis(4_500);
  private static final Duration REQUEST = Duration.ofSeconds(3);
  private static final Duration BLOCK = Duration.ofSeconds(3);

  private final KafkaProducer<byte[], byte[]> producer;
  private final Records records;
  private final Timer acknowledged;
  private final Counter failed;

  JobPublisher(KafkaClients kafka, String clientId, Records records, MeterRegistry meters) {
    this.producer =
        kafka.producer(
            clientId,
            Map.of(
                ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
                (int) DELIVERY.toMillis(),
                ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG,
                (int) REQUEST.toMillis(),
                ProducerConfig.MAX_BLOCK_MS_CONFIG,
                (int) BLOCK.toMillis()));
    this.records = records;
    this.acknowledged =
        Timer.builder("sluice.ingress.publish")
            .description("from sending a submission to the word of all replicas")
            .register(meters);
    this.failed =
        Counter.builder("sluice.ingress.publish.failed")
            .description("submissions, commands and dead letters that were not confirmed in time")
            .register(meters);
  }

  /// Sends; the watch is told how it went.
  void publish(Submission submission, TraceContext trace, JobWatch watch) {
    String topic = topicOf(submission);
    String tenant = submission.getTenant();
    long began = System.nanoTime();
    try {
      ProducerRecord<byte[], byte[]> record =
          new ProducerRecord<>(
              topic,
              ShardPartition.of(topic, tenant, submission.getJobId(), producer),
              bytes(tenant),
              records.submission(topic, submission));
      header(record, Headers.JOB, submission.getJobId());
      header(record, Headers.TENANT, tenant);
      header(record, Headers.DEADLINE, submission.getDeadline().toString());
      header(record, Headers.TRACEPARENT, trace.traceparent());
      header(record, Headers.TRACESTATE, trace.tracestate());
      var _ =
          producer.send(
              ReadAtOnce.of(record),
              (_, error) -> {
                if (error == null) {
                  acknowledged.record(System.nanoTime() - began, TimeUnit.NANOSECONDS);
                  watch.tell(new JobSignal.Published());
                } else {
                  failed.increment();
                  watch.tell(new JobSignal.PublishFailed(error.getClass().getSimpleName()));
                }
              });
    } catch (KafkaException e) {
      failed.increment();
      throw new LogUnavailableException("the log is not reached; try again soon", e);
    }
  }

  /// Sends and waits. What is asked of a group goes to every writer: its jobs may be in any shard,
  /// also in one that the policy no longer has.
  void command(Command command) {
    try {
      List<Future<RecordMetadata>> sent = new ArrayList<>();
      if (command.getGroup() == null) {
        sent.add(
            send(
                command,
                ShardPartition.of(COMMANDS, command.getTenant(), command.getJobId(), producer)));
      } else {
        for (PartitionInfo writer : producer.partitionsFor(COMMANDS)) {
          sent.add(send(command, writer.partition()));
        }
      }
      for (Future<RecordMetadata> one : sent) {
        var _ = one.get(DELIVERY.toMillis() + 500, TimeUnit.MILLISECONDS);
      }
    } catch (KafkaException | ExecutionException | TimeoutException e) {
      failed.increment();
      throw new LogUnavailableException("the log did not confirm in time; try again soon", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LogUnavailableException("the ingress is stopping", e);
    }
  }

  private Future<RecordMetadata> send(Command command, @Nullable Integer partition) {
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(
            COMMANDS, partition, bytes(command.getTenant()), records.command(command));
    header(record, Headers.JOB, command.getJobId());
    header(record, Headers.TENANT, command.getTenant());
    return producer.send(ReadAtOnce.of(record));
  }

  /// Sets a record aside that cannot be used; nobody waits for that.
  void deadLetter(ConsumerRecord<byte[], byte[]> unusable, String why) {
    try {
      DeadLetter letter = DeadLetters.of(unusable, ErrorCode.DECODE_ERROR, why, Instant.now());
      ProducerRecord<byte[], byte[]> record =
          new ProducerRecord<>(
              Topics.DLQ.name(), bytes(unusable.topic()), records.deadLetter(letter));
      var _ =
          producer.send(
              record,
              (_, failure) -> {
                if (failure != null) {
                  failed.increment();
                }
              });
    } catch (RuntimeException e) {
      // Also a schema registry that is away: what reads the replies must go on.
      failed.increment();
      LOG.atWarn()
          .addKeyValue(LogKeys.TOPIC, unusable.topic())
          .addKeyValue(LogKeys.OFFSET, unusable.offset())
          .setCause(e)
          .log("no dead letter could be written");
    }
  }

  private static String topicOf(Submission submission) {
    return switch (submission.getPriority()) {
      case INTERACTIVE -> JOBS_INTERACTIVE;
      case STANDARD -> JOBS_STANDARD;
      case BATCH -> JOBS_BATCH;
      case UNKNOWN -> throw new IllegalArgumentException("a submission without a class");
    };
  }

  private static final String JOBS_INTERACTIVE = Topics.jobs(Priority.INTERACTIVE).name();
  private static final String JOBS_STANDARD = Topics.jobs(Priority.STANDARD).name();
  private static final String JOBS_BATCH = Topics.jobs(Priority.BATCH).name();

  private static void header(ProducerRecord<byte[], byte[]> record, String name, String value) {
    if (!value.isEmpty()) {
      record.headers().add(name, bytes(value));
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    producer.close(Duration.ofSeconds(2));
  }
}
