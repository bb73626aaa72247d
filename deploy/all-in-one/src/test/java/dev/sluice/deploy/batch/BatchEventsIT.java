package dev.sluice.deploy.batch;

import static dev.sluice.deploy.batch.BatchClient.line;
import static dev.sluice.deploy.batch.BatchClient.lines;
import static dev.sluice.deploy.batch.BatchClient.status;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.deploy.AllInOne;
import dev.sluice.deploy.InThisJvm;
import dev.sluice.deploy.WholeSluice;
import dev.sluice.deploy.callback.CallbackReceiver;
import dev.sluice.testkit.Eventually;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The ends of batches, told to a receiver of a whole Sluice that is stopped and started on the
/// way.
@InThisJvm
class BatchEventsIT {
  private static final Duration SOON = Duration.ofSeconds(40);
  private static final String CONFIGURATION =
      """
      server: {callbacks: {allow: [127.0.0.0/8]}}
      tenants: [{id: acme, keys: [{id: ci, secret: "${env:CI_KEY}", scopes: [submit, read, cancel]}]}]
      pools:
        - id: quick
          provider: simulated
          concurrency: 64
          simulation: {first_token: PT0S, tokens_per_second: 0, output_tokens: 3}
        - id: steady
          provider: simulated
          concurrency: 4
          simulation: {first_token: PT0.1S, tokens_per_second: 0, output_tokens: 3}
        - id: sluggish
          provider: simulated
          concurrency: 4
          simulation: {tokens_per_second: 1, output_tokens: 5000}
      models:
        - {id: fast, routes: [{pool: quick, model: fast}]}
        - {id: steady, routes: [{pool: steady, model: steady}]}
        - {id: slow, routes: [{pool: sluggish, model: slow}]}
      """;

  @TempDir Path folder;

  @Test
  void everyEndIsToldOnceAcrossARestart() throws Exception {
    List<String> wanted = new ArrayList<>();
    try (CallbackReceiver receiver = new CallbackReceiver()) {
      String unfinished;
      try (AllInOne sluice = sluice();
          BatchClient acme = new BatchClient("http://" + sluice.start().http(), "sk-events")) {
        register(acme, receiver);
        unfinished = acme.create(acme.upload(lines(250, "steady")), "24h");
        wanted.add(end(acme, lines(3, "fast"), "24h", "completed"));
        wanted.add(end(acme, line("a", "nobody"), "24h", "failed"));
        wanted.add(end(acme, line("late", "slow").replace(":3}", ":900}"), "1s", "expired"));
        String cancelled = acme.create(acme.upload(line("b", "slow")), "24h");
        var _ = acme.post("/v1/batches/" + cancelled + "/cancel", "");
        acme.await(cancelled, "cancel", status("cancelled"));
        wanted.add("batch.cancelled " + cancelled);
        awaitCalls(receiver, wanted);
      }
      try (AllInOne sluice = sluice();
          BatchClient acme = new BatchClient("http://" + sluice.start().http(), "sk-events")) {
        acme.await(unfinished, "end", status("completed"));
        wanted.add("batch.completed " + unfinished);
        wanted.add(end(acme, lines(3, "fast"), "24h", "completed"));
        awaitCalls(receiver, wanted);
      }
    }
  }

  /// Runs a batch to its end, and says what is to be told of it.
  private static String end(BatchClient client, String lines, String window, String status)
      throws Exception {
    String id = client.create(client.upload(lines), window);
    client.await(id, status, status(status));
    return "batch." + status + " " + id;
  }

  private static void awaitCalls(CallbackReceiver receiver, List<String> wanted) throws Exception {
    Eventually.await("calls", SOON, () -> told(receiver).size() >= wanted.size());
    assertEquals(wanted.stream().sorted().toList(), told(receiver));
  }

  private static List<String> told(CallbackReceiver receiver) {
    return receiver.calls("/batches").stream()
        .map(call -> JsonMapper.shared().readTree(call.body()))
        .map(event -> event.path("type").asString() + " " + event.at("/data/id").asString())
        .sorted()
        .toList();
  }

  private static void register(BatchClient client, CallbackReceiver receiver) throws Exception {
    JsonNode endpoint =
        BatchClient.json(
            client.post(
                "/v1/webhook_endpoints",
                "{\"name\":\"batches\",\"url\":\"%s\",\"event_types\":[\"batch.*\"]}"
                    .formatted(receiver.url("/batches"))));
    assertEquals("webhook_endpoint", endpoint.path("object").asString());
  }

  private AllInOne sluice() throws Exception {
    return WholeSluice.in(folder, CONFIGURATION, Map.of("CI_KEY", "sk-events"));
  }
}
