package dev.sluice.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.avro.AuditEvent;
import dev.sluice.contract.avro.DeadLetter;
import dev.sluice.contract.avro.JobEvent;
import dev.sluice.contract.avro.JobRequest;
import dev.sluice.contract.avro.JobResult;
import dev.sluice.contract.avro.JobStatus;
import dev.sluice.contract.serde.RecordSerdes;
import dev.sluice.contract.serde.SchemaRegistrySettings;
import dev.sluice.contract.topic.Topics;
import dev.sluice.deploy.registry.NodeProject;
import dev.sluice.runtime.kafka.KafkaClients;
import dev.sluice.testkit.Eventually;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A tenant's program over Kafka, in Java and in JavaScript, through a kill.
class OwnTopicsE2E {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final String INTAKE = Topics.intake("acme").name();
  private static final String CONFIG =
      """
      tenants:
        - id: acme
          kafka: {submit: true, results: true, events: true}
        - id: other
      pools:
        - id: sim
          provider: simulated
          concurrency: 64
      models:
        - id: m
          routes: [{pool: sim, model: m}]
      """;

  @TempDir private Path folder;

  /// Where a process serves.
  private record Node(SluiceProcess process, KafkaClients kafka, RecordSerdes serdes, String admin)
      implements AutoCloseable {
    @Override
    public void close() {
      serdes.close();
      process.close();
    }
  }

  @Test
  void everyRecordIsOneJobWithOneResultAndWhatIsNoneIsSetAside() throws Exception {
    try (Node first = up()) {
      for (int i = 0; i < 20; i++) {
        produce(first, job("{\"model\":\"m\"," + messages(i)), null);
      }
      produce(first, job("{\"model\":\"m\"," + messages(0)), "other");
      produce(first, job("{\"model\":\"m\",\"priority\":\"urgent\"," + messages(0)), null);
      produce(first, "not avro".getBytes(StandardCharsets.UTF_8));
      results(first, 20);
      for (int i = 20; i < 120; i++) {
        produce(first, job("{\"model\":\"m\"," + messages(i)), null);
      }
      first.process().kill();
    }

    try (Node second = up()) {
      List<JobResult> all = results(second, 120);

      assertEquals(120, all.stream().map(JobResult::getJobId).distinct().count());
      assertTrue(all.stream().allMatch(result -> result.getStatus() == JobStatus.SUCCEEDED));
      assertEquals(
          List.of("decode_error", "schema_violation", "tenant_mismatch"),
          read(second, Topics.DLQ.name(), DeadLetter.class, 3).stream()
              .map(DeadLetter::getCode)
              .distinct()
              .sorted()
              .toList());
      AuditEvent audited = read(second, Topics.AUDIT.name(), AuditEvent.class, 1).getFirst();
      assertEquals("acme", audited.getTenant());
      assertEquals("other", audited.getClaimedTenant());
      inOrder(read(second, Topics.eventsOf("acme").name(), JobEvent.class, 240));

      String seen =
          NodeProject.at("native")
              .run("jobs.js", second.kafka().bootstrapServers(), second.admin(), "acme", "js", "10")
              .orElseThrow();

      assertEquals("{\"results\":10,\"distinct\":10,\"succeeded\":10,\"numbers\":10}", seen);
    }
  }

  /// The states of each job come in the order of its transitions, none twice.
  private static void inOrder(List<JobEvent> events) {
    Map<String, Integer> last = new HashMap<>();
    for (JobEvent event : events) {
      if (event.getStatus() != null) {
        Integer before = last.put(event.getJobId(), event.getSequence());
        assertTrue(before == null || before < event.getSequence(), event.toString());
      }
    }
  }

  private Node up() throws Exception {
    SluiceProcess process = SluiceProcess.up(folder, CONFIG, Map.of());
    String[] ready = process.line().split(" ", -1);
    RecordSerdes serdes = RecordSerdes.from(SchemaRegistrySettings.at(URI.create(ready[5])));
    return new Node(process, new KafkaClients(ready[3], Map.of()), serdes, ready[5]);
  }

  private static String messages(int number) {
    return "\"messages\":[{\"role\":\"user\",\"content\":\"hello %d\"}]}".formatted(number);
  }

  private static byte[] job(String json) {
    return json.getBytes(StandardCharsets.UTF_8);
  }

  private static void produce(Node node, byte[] job, @Nullable String tenant) throws Exception {
    JobRequest request = new JobRequest(ByteBuffer.wrap(job), tenant);
    produce(
        node, node.serdes().forRecord(JobRequest.class).serializer().serialize(INTAKE, request));
  }

  private static void produce(Node node, byte[] value) throws Exception {
    try (var producer = node.kafka().producer("acme")) {
      producer.send(new ProducerRecord<>(INTAKE, value)).get();
    }
  }

  private static List<JobResult> results(Node node, int count) throws Exception {
    List<JobResult> results = read(node, Topics.resultsOf("acme").name(), JobResult.class, count);
    assertEquals(
        results.size(),
        new TreeSet<>(results.stream().map(JobResult::getJobId).toList()).size(),
        "each result once");
    return results;
  }

  /// What a topic holds, once that is so much.
  private static <T extends SpecificRecord> List<T> read(
      Node node, String topic, Class<T> type, int count) throws Exception {
    List<T> read = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        node.kafka().reader("acme-reader", Map.of("isolation.level", "read_committed"))) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(one -> new TopicPartition(topic, one.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Eventually.await(
          count + " in " + topic,
          LIMIT,
          () -> {
            consumer
                .poll(Duration.ofMillis(200))
                .forEach(record ->
                    read.add(
                        node.serdes()
                            .forRecord(type)
                            .deserializer()
                            .deserialize(topic, record.value())));
            return read.size() >= count;
          });
    }
    return read;
  }
}
