package dev.sluice.deploy.batch;

import static dev.sluice.deploy.batch.BatchClient.json;
import static dev.sluice.deploy.batch.BatchClient.lines;
import static dev.sluice.deploy.batch.BatchClient.status;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.deploy.SluiceProcess;
import dev.sluice.deploy.callback.CallbackReceiver;
import dev.sluice.testkit.Eventually;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// `kill -9` at the very end of a batch: while its last lines end and its output is put together,
/// and again while its receiver is being told.
class BatchEndKillE2E {
  private static final int LINES = 120;
  private static final String KEY = "sk-batch-end";
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private static final String CONFIGURATION =
      """
      server: {callbacks: {allow: [127.0.0.0/8]}}
      tenants:
        - id: acme
          keys: [{id: ci, secret: "${env:KEY}", scopes: [submit, read, cancel, costs]}]
      pools:
        - id: quick
          provider: simulated
          concurrency: 8
          simulation: {tokens_per_second: 100, output_tokens: 10}
      models:
        - {id: fast, routes: [{pool: quick, model: fast}]}
      prices:
        - {pool: quick, model: fast, from: 2020-01-01, input: 0.15, output: 0.60}
      """;

  @TempDir Path folder;
  private CallbackReceiver receiver;
  private SluiceProcess sluice;
  private BatchClient client;

  @BeforeEach
  void begins() throws Exception {
    receiver = new CallbackReceiver();
    // The first call is under way when the second kill comes, and is never answered.
    receiver.answers("/told", number -> number == 1 ? 0 : 204);
    start();
  }

  @AfterEach
  void stops() {
    client.close();
    sluice.close();
    receiver.close();
  }

  private void start() throws Exception {
    sluice = SluiceProcess.up(folder, CONFIGURATION, Map.of("KEY", KEY));
    client = new BatchClient(sluice.url(), KEY);
  }

  private void killAndStart() throws Exception {
    sluice.kill();
    client.close();
    start();
  }

  @Test
  void everyLineIsAnsweredAndChargedOnceAndTheEndIsToldUnderOneId() throws Exception {
    json(
        client.post(
            "/v1/webhook_endpoints",
            "{\"url\":\"%s\",\"event_types\":[\"batch.completed\"]}"
                .formatted(receiver.url("/told"))));
    String id = client.create(client.upload(lines(LINES, "fast")), "24h");

    Eventually.await("the last lines", LIMIT, () -> charge().path("jobs").asInt() >= LINES - 2);
    killAndStart();
    Eventually.await("a call", LIMIT, () -> !receiver.calls("/told").isEmpty());
    killAndStart();

    JsonNode batch = client.await(id, "end", status("completed"));
    assertEquals(LINES, batch.at("/request_counts/completed").asInt(), batch.toString());
    List<JsonNode> answers = client.content(batch.path("output_file_id").asString());
    Set<String> customIds = new HashSet<>();
    answers.forEach(line -> customIds.add(line.path("custom_id").asString()));
    assertEquals(LINES, answers.size(), "one answer a line");
    assertEquals(LINES, customIds.size());
    assertToldUnderOneId(id);
    assertChargedOnce(batch, answers);
  }

  private void assertToldUnderOneId(String batch) throws Exception {
    Eventually.await("it is told again", LIMIT, () -> receiver.calls("/told").size() >= 2);
    JsonNode event = receiver.onlyEvent("/told");
    assertEquals("batch.completed", event.path("type").asString());
    assertEquals(batch, event.at("/data/id").asString());
  }

  private void assertChargedOnce(JsonNode batch, List<JsonNode> answers) throws Exception {
    Eventually.await("all charges", LIMIT, () -> charge().path("jobs").asInt() >= LINES);
    BigDecimal said = BigDecimal.ZERO;
    for (JsonNode line : answers) {
      String job = line.at("/response/request_id").asString();
      JsonNode cost = json(client.get("/v1/jobs/" + job)).at("/cost/charged_usd");
      said = said.add(new BigDecimal(cost.asString()));
    }
    JsonNode charged = charge();
    assertEquals(LINES, charged.path("jobs").asInt(), charged::toString);
    assertEquals(
        0, said.compareTo(new BigDecimal(charged.path("charged_usd").asString())), said.toString());
    assertEquals(0, said.compareTo(new BigDecimal(batch.at("/sluice/cost_usd").asString())));
  }

  private JsonNode charge() throws Exception {
    return json(client.get("/v1/costs?by=tenant")).at("/data/0");
  }
}
