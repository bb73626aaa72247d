package dev.sluice.deploy.ingress;

import dev.sluice.contract.avro.Command;
import dev.sluice.contract.avro.EventKind;
import dev.sluice.contract.avro.JobEvent;
import dev.sluice.contract.avro.JobResult;
import dev.sluice.contract.avro.JobStatus;
import dev.sluice.contract.avro.Submission;
import dev.sluice.contract.model.JobId;
import dev.sluice.contract.model.Priority;
import dev.sluice.contract.serde.RecordSerdes;
import dev.sluice.contract.topic.Topics;
import dev.sluice.runtime.kafka.KafkaClients;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/// Stands for router and worker: admits each job and answers it with its own body; a job tagged
/// `hold` stays queued. Each record is written twice, as after a crash. One thread owns the
/// clients' reading side.
final class EchoRouter implements AutoCloseable {
  private final RecordSerdes serdes;
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final KafkaProducer<byte[], byte[]> producer;
  private final Thread thread;
  private volatile boolean stopping;

  EchoRouter(KafkaClients kafka, RecordSerdes serdes) {
    this.serdes = serdes;
    consumer = kafka.reader("echo-router", Map.of());
    producer = kafka.producer("echo-router");
    List<TopicPartition> all = new ArrayList<>();
    for (Priority priority : Priority.values()) {
      all.add(new TopicPartition(Topics.jobs(priority).name(), 0));
    }
    all.add(new TopicPartition(Topics.COMMANDS.name(), 0));
    consumer.assign(all);
    consumer.seekToBeginning(all);
    thread = Thread.ofPlatform().name("echo-router").daemon().start(this::run);
  }

  private void run() {
    while (!stopping) {
      try {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
          if (record.topic().equals(Topics.COMMANDS.name())) {
            command(
                serdes
                    .forRecord(Command.class)
                    .deserializer()
                    .deserialize(record.topic(), record.value()));
          } else {
            submission(
                serdes
                    .forRecord(Submission.class)
                    .deserializer()
                    .deserialize(record.topic(), record.value()));
          }
        }
      } catch (KafkaException e) {
        // The broker is away on purpose in one of the tests.
        Thread.onSpinWait();
      }
    }
    consumer.close();
  }

  private void submission(Submission job) {
    JobId id = JobId.parse(job.getJobId()).orElseThrow();
    JobEvent queued = state(id, job.getTenant(), 1, JobStatus.QUEUED);
    queued.setModel(job.getModel());
    queued.setEndpoint(job.getEndpoint());
    queued.setPriority(job.getPriority());
    queued.setDeadline(job.getDeadline());
    queued.setTags(job.getTags());
    event(id, queued);
    if (job.getTags().containsKey("hold")) {
      return;
    }
    JobEvent running = state(id, job.getTenant(), 2, JobStatus.RUNNING);
    running.setAttempt(1);
    running.setClaimId(11);
    running.setPool("echo");
    event(id, running);
    if (job.getStream()) {
      for (int part = 0; part < 6; part += 2) {
        event(id, delta(id, job.getTenant(), part));
      }
    }
    result(id, job.getTenant(), JobStatus.SUCCEEDED, job.getBody());
  }

  private void command(Command command) {
    JobId id = JobId.parse(command.getJobId()).orElseThrow();
    if (command.getCancel() != null) {
      result(id, command.getTenant(), JobStatus.CANCELLED, null);
    }
    if (command.getErase() != null) {
      JobEvent erased = state(id, command.getTenant(), 0, null);
      erased.setKind(EventKind.ERASED);
      event(id, erased);
    }
  }

  private static JobEvent state(JobId id, String tenant, int transition, JobStatus status) {
    JobEvent event = new JobEvent();
    event.setJobId(id.text());
    event.setTenant(tenant);
    event.setKind(EventKind.STATE);
    event.setAt(Instant.now());
    event.setSequence(transition);
    event.setStatus(status);
    event.setDeltas(List.of());
    event.setTags(Map.of());
    return event;
  }

  private static JobEvent delta(JobId id, String tenant, int part) {
    JobEvent event = state(id, tenant, part, null);
    event.setKind(EventKind.DELTA);
    event.setAttempt(1);
    event.setClaimId(11);
    event.setDeltas(
        List.of(bytes("{\"part\":" + part + "}"), bytes("{\"part\":" + (part + 1) + "}")));
    return event;
  }

  private void result(JobId id, String tenant, JobStatus status, ByteBuffer body) {
    JobResult result = new JobResult();
    result.setJobId(id.text());
    result.setTenant(tenant);
    result.setStatus(status);
    result.setFinishedAt(Instant.now());
    result.setExpiresAt(Instant.now().plus(Duration.ofDays(30)));
    result.setResult(body);
    result.setAttempts(List.of());
    send(id, Topics.RESULTS.name(), result, JobResult.class);
  }

  private void event(JobId id, JobEvent event) {
    send(id, Topics.EVENTS.name(), event, JobEvent.class);
  }

  private <T extends SpecificRecord> void send(JobId id, String topic, T record, Class<T> type) {
    byte[] value = serdes.forRecord(type).serializer().serialize(topic, record);
    byte[] key = id.text().getBytes(StandardCharsets.UTF_8);
    for (int copies = 0; copies < 2; copies++) {
      var _ = producer.send(new ProducerRecord<>(topic, id.replyPartition(), key, value));
    }
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public void close() {
    stopping = true;
    try {
      thread.join(Duration.ofSeconds(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    producer.close(Duration.ofSeconds(1));
  }
}
