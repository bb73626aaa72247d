package dev.sluice.deploy.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import dev.sluice.contract.avro.Command;
import dev.sluice.contract.avro.RecordPosition;
import dev.sluice.contract.avro.Submission;
import dev.sluice.contract.avro.Work;
import dev.sluice.contract.model.ErrorCode;
import dev.sluice.contract.model.Policy;
import dev.sluice.contract.model.Priority;
import dev.sluice.contract.topic.Topics;
import dev.sluice.deploy.BrokerExtension;
import dev.sluice.deploy.InThisJvm;
import dev.sluice.testkit.Eventually;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// What the log says of a job whose caller speaks another dialect than its provider.
@InThisJvm
class DialectsIT {
  @RegisterExtension static final BrokerExtension BROKER = BrokerExtension.fresh();

  private static final String MESSAGE =
      "{\"model\":\"fast\",\"max_tokens\":9,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";

  @TempDir Path state;
  private WorkerBench bench;

  @BeforeEach
  void open() {
    bench = new WorkerBench(BROKER);
  }

  @AfterEach
  void close() throws Exception {
    bench.close();
  }

  @Test
  void eventsAndResultAreOfTheCallersDialect() throws Exception {
    publishSimulated("spoken");
    bench.startWorker(state);

    bench.release(
        Priority.STANDARD,
        work("job_m", "spoken", "/v1/messages", MESSAGE).setStream(true).build());

    Command outcome = bench.awaitOutcome("job_m");
    assertTrue(outcome.getOutcome().getCalled());
    assertEquals(5L, outcome.getOutcome().getUsage().getTokens().get("output"));
    assertTrue(
        text(outcome.getOutcome().getResult())
            .startsWith("{\"id\":\"msg_m\",\"type\":\"message\""));
    Eventually.await(
        "the last event",
        WorkerBench.PATIENCE,
        () -> {
          bench.read();
          return deltas().contains("{\"type\":\"message_stop\"}");
        });
    assertTrue(deltas().getFirst().startsWith("{\"type\":\"message_start\""));
  }

  @Test
  void whatNeedsNoCallIsNone() throws Exception {
    publishSimulated("local");
    bench.startWorker(state);

    bench.release(
        Priority.STANDARD, work("job_c", "local", "/v1/messages/count_tokens", MESSAGE).build());
    bench.release(
        Priority.STANDARD,
        work("job_u", "local", "/v1/responses", "{\"input\":\"a\",\"tools\":[{\"type\":\"mcp\"}]}")
            .build());

    Command counted = bench.awaitOutcome("job_c");
    assertFalse(counted.getOutcome().getCalled());
    assertEquals("{\"input_tokens\":1}", text(counted.getOutcome().getResult()));
    assertNull(counted.getOutcome().getUsage());
    Command refused = bench.awaitOutcome("job_u");
    assertFalse(refused.getOutcome().getCalled());
    assertEquals(ErrorCode.UNTRANSLATABLE.code(), refused.getOutcome().getError().getCode());
    assertTrue(refused.getOutcome().getError().getMessage().startsWith("tools[0].type: "));
  }

  @Test
  void theVersionThatACallerNamedReachesTheVendorFromTheLog() throws Exception {
    List<String> asked = new CopyOnWriteArrayList<>();
    HttpServer vendor =
        WorkerBench.vendor(
            0,
            exchange -> {
              String version = exchange.getRequestHeaders().getFirst("anthropic-version");
              asked.add(exchange.getRequestURI() + " " + version);
              WorkerBench.answer(
                  exchange,
                  200,
                  "{\"id\":\"msg_vendor\",\"content\":[],\"usage\":{\"input_tokens\":3,"
                      + "\"cache_creation_input_tokens\":2,\"output_tokens\":1}}");
            });
    try {
      bench.publish(
          pool(
              "vendor",
              Policy.ProviderKind.ANTHROPIC,
              List.of(
                  new Policy.Endpoint(
                      URI.create("http://127.0.0.1:" + vendor.getAddress().getPort()), 1))));
      bench.startWorker(state);

      bench.release(Priority.STANDARD, submitted("job_v", "vendor"));

      Command outcome = bench.awaitOutcome("job_v");
      assertEquals(List.of("/v1/messages 2026-10-21"), asked);
      assertTrue(text(outcome.getOutcome().getResult()).startsWith("{\"id\":\"msg_v\","));
      assertEquals(
          Map.of("input", 3L, "cache_write_5m", 2L, "output", 1L),
          outcome.getOutcome().getUsage().getTokens());
    } finally {
      vendor.stop(0);
    }
  }

  /// Work without its body, which is in the log with the headers.
  private Work submitted(String jobId, String pool) throws Exception {
    String topic = Topics.jobs(Priority.STANDARD).name();
    Submission submission =
        Submission.newBuilder()
            .setJobId(jobId)
            .setTenant(WorkerBench.TENANT)
            .setEndpoint("/v1/messages")
            .setModel("fast")
            .setBody(ByteBuffer.wrap(MESSAGE.getBytes(StandardCharsets.UTF_8)))
            .setCreatedAt(Instant.now())
            .setDeadline(Instant.now().plusSeconds(600))
            .setReplyPartition(1)
            .setRequestHeaders(Map.of("anthropic-version", "2026-10-21"))
            .build();
    long offset = bench.send(topic, 0, Submission.class, submission);
    return bench
        .work(jobId, pool, "")
        .setEndpoint("")
        .setBody(null)
        .setSource(new RecordPosition(topic, 0, offset))
        .build();
  }

  private void publishSimulated(String id) {
    bench.publish(pool(id, Policy.ProviderKind.SIMULATED, List.of()));
  }

  private static Policy.Pool pool(
      String id, Policy.ProviderKind kind, List<Policy.Endpoint> endpoints) {
    return new Policy.Pool(
        id,
        kind,
        endpoints,
        Optional.empty(),
        8,
        Policy.Timeouts.DEFAULT,
        kind.speaks(),
        new Policy.Simulation(Duration.ZERO, 0, 5));
  }

  private Work.Builder work(String jobId, String pool, String endpoint, String body) {
    return bench.work(jobId, pool, body).setEndpoint(endpoint);
  }

  private List<String> deltas() {
    return bench.events.stream()
        .flatMap(event -> event.getDeltas().stream())
        .map(DialectsIT::text)
        .toList();
  }

  private static String text(ByteBuffer bytes) {
    return StandardCharsets.UTF_8.decode(bytes.duplicate()).toString();
  }
}
