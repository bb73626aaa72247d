package dev.sluice.deploy.ingress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.avro.EventKind;
import dev.sluice.contract.avro.JobEvent;
import dev.sluice.contract.avro.JobResult;
import dev.sluice.contract.avro.JobStatus;
import dev.sluice.contract.model.JobId;
import dev.sluice.contract.serde.RecordSerdes;
import dev.sluice.contract.topic.Topics;
import dev.sluice.deploy.BrokerExtension;
import dev.sluice.deploy.InThisJvm;
import dev.sluice.ingress.IngressServer;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// Results of long ago: more of them than any cache holds, asked for all at once and in no order.
@InThisJvm
class OldBodiesIT {
  private static final int JOBS = 12_000;
  private static final int READERS = 1_000;
  private static final String FILLING = "x".repeat(4_000);

  @RegisterExtension static final BrokerExtension BROKER = BrokerExtension.fresh();

  @TempDir static Path state;
  private static final List<JobId> IDS = new ArrayList<>();
  private static IngressRig rig;
  private static IngressServer ingress;

  @BeforeAll
  static void begin() throws Exception {
    BROKER.createTopics(Topics.fixed());
    RecordSerdes serdes = RecordSerdes.over(BROKER.registry());
    rig = new IngressRig(BROKER.bootstrapServers(), serdes);
    try (KafkaProducer<byte[], byte[]> producer = rig.kafka().producer("old-bodies")) {
      Instant longAgo = Instant.now().minus(Duration.ofDays(1));
      for (int i = 0; i < JOBS; i++) {
        JobId id = JobId.create(longAgo.plusMillis(i), i % 2, 0, i);
        IDS.add(id);
        var event = serdes.forRecord(JobEvent.class).serializer();
        var result = serdes.forRecord(JobResult.class).serializer();
        send(producer, id, Topics.EVENTS.name(), event.serialize("sluice.events", delta(id)));
        send(producer, id, Topics.RESULTS.name(), result.serialize("sluice.results", result(id)));
      }
    }
    ingress = rig.start(state);
  }

  @AfterAll
  static void end() {
    ingress.close();
    rig.close();
  }

  private static void send(
      KafkaProducer<byte[], byte[]> producer, JobId id, String topic, byte[] value) {
    var _ = producer.send(new ProducerRecord<>(topic, id.replyPartition(), null, value));
  }

  private static JobEvent delta(JobId id) {
    JobEvent event = new JobEvent();
    event.setJobId(id.text());
    event.setTenant("acme");
    event.setKind(EventKind.DELTA);
    event.setAt(Instant.now());
    event.setAttempt(1);
    event.setClaimId(1);
    event.setDeltas(List.of(bytes("{\"part\":\"" + id.text() + "\"}")));
    event.setTags(Map.of());
    return event;
  }

  private static JobResult result(JobId id) {
    JobResult result = new JobResult();
    result.setJobId(id.text());
    result.setTenant("acme");
    result.setStatus(JobStatus.SUCCEEDED);
    result.setFinishedAt(Instant.now());
    result.setExpiresAt(Instant.now().plus(Duration.ofDays(30)));
    result.setResult(bytes("{\"of\":\"" + id.text() + "\",\"filling\":\"" + FILLING + "\"}"));
    result.setAttempts(List.of());
    return result;
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void aThousandAtOnceAllGetTheirBodies() throws Exception {
    List<JobId> asked = some(new Random(1));
    List<CompletableFuture<HttpResponse<String>>> answers =
        asked.stream().map(id -> rig.getting(ingress, "/v1/jobs/" + id.text())).toList();

    for (int i = 0; i < READERS; i++) {
      HttpResponse<String> answer = answers.get(i).get();
      assertEquals(200, answer.statusCode(), answer.body());
      assertTrue(answer.body().contains("{\"of\":\"" + asked.get(i).text() + "\""));
    }
  }

  @Test
  void aThousandReplaysAtOnceAreAllWhole() throws Exception {
    List<JobId> asked = some(new Random(2));
    List<CompletableFuture<HttpResponse<String>>> answers =
        asked.stream()
            .map(id -> rig.getting(ingress, "/v1/jobs/" + id.text() + "/events"))
            .toList();

    for (int i = 0; i < READERS; i++) {
      HttpResponse<String> answer = answers.get(i).get();
      assertEquals(200, answer.statusCode(), answer.body());
      assertTrue(answer.body().contains("{\"part\":\"" + asked.get(i).text() + "\"}"));
      assertTrue(answer.body().contains("event: job.succeeded"), answer.body());
    }
  }

  private static List<JobId> some(Random random) {
    List<JobId> shuffled = new ArrayList<>(IDS);
    Collections.shuffle(shuffled, random);
    return shuffled.subList(0, READERS);
  }
}
