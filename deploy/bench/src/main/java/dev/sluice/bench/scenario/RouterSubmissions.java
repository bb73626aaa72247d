package dev.sluice.bench.scenario;

import dev.sluice.bench.process.SluiceProcess;
import dev.sluice.contract.avro.JobCallback;
import dev.sluice.contract.avro.PriorityClass;
import dev.sluice.contract.avro.Submission;
import dev.sluice.contract.model.JobId;
import dev.sluice.contract.model.Priority;
import dev.sluice.contract.serde.RecordSerdes;
import dev.sluice.contract.topic.Headers;
import dev.sluice.contract.topic.ReadAtOnce;
import dev.sluice.contract.topic.Topics;
import dev.sluice.runtime.kafka.KafkaClients;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/// Writes jobs of class standard as an ingress does that has checked them, each tenant's in turn.
/// For one thread.
final class RouterSubmissions implements AutoCloseable {
  private static final String TOPIC = Topics.jobs(Priority.STANDARD).name();
  private static final String ENDPOINT = "/v1/chat/completions";
  private static final Duration PATIENCE = Duration.ofHours(24);
  private static final byte[] BODY =
      "{\"model\":\"%s\",\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]}"
          .formatted(SluiceProcess.MODEL, "How much does a gateway add to an answer? ".repeat(20))
          .getBytes(StandardCharsets.UTF_8);

  private final RecordSerdes serdes;
  private final int tenants;
  private final KafkaProducer<byte[], byte[]> producer;
  private final Random random = new Random(1);
  private final AtomicLong lost = new AtomicLong();
  private int number;

  RouterSubmissions(KafkaClients kafka, RecordSerdes serdes, int tenants) {
    this.serdes = serdes;
    this.tenants = tenants;
    this.producer = kafka.producer("bench-ingress");
  }

  static String tenant(int number) {
    return "t" + number;
  }

  /// Sends so many as fast as the log takes them.
  void send(int jobs) {
    for (int i = 0; i < jobs; i++) {
      var _ =
          producer.send(
              record(tenant(number++ % tenants)),
              (_, failure) -> lost.addAndGet(failure == null ? 0 : 1));
    }
    producer.flush();
  }

  /// Jobs that the log did not take.
  long lost() {
    return lost.get();
  }

  private ProducerRecord<byte[], byte[]> record(String tenant) {
    Instant now = Instant.now();
    Submission submission = submission(tenant, JobId.create(now, 0, 0, random.nextLong()), now);
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(
            TOPIC,
            utf8(tenant),
            serdes.forRecord(Submission.class).serializer().serialize(TOPIC, submission));
    record
        .headers()
        .add(Headers.JOB, utf8(submission.getJobId()))
        .add(Headers.TENANT, utf8(tenant))
        .add(Headers.DEADLINE, utf8(submission.getDeadline().toString()))
        .add(
            Headers.TRACEPARENT, utf8("00-%016x%016x-%016x-01".formatted(random.nextLong(), 1, 1)));
    return ReadAtOnce.of(record);
  }

  private static Submission submission(String tenant, JobId id, Instant now) {
    return Submission.newBuilder()
        .setJobId(id.text())
        .setTenant(tenant)
        .setKeyId("bench")
        .setPriority(PriorityClass.STANDARD)
        .setEndpoint(ENDPOINT)
        .setModel(SluiceProcess.MODEL)
        .setBody(ByteBuffer.wrap(BODY))
        .setCreatedAt(now)
        .setDeadline(now.plus(PATIENCE))
        .setReplyPartition(0)
        .setEstimatedInputTokens(BODY.length / 4)
        .setCallback(new JobCallback(ENDPOINT, null, null))
        .build();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    producer.close();
  }
}
