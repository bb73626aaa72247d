package dev.sluice.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.deploy.registry.NodeProject;
import dev.sluice.testkit.Eventually;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A whole Sluice as its users meet it: OpenAI's SDK calls it, and finance reads with kafkajs and
/// Confluent's registry client what that cost. The scripts are in `deploy/acceptance`.
class NodeClientsE2E {
  private static final String KEY = "sk-acceptance";
  private static final Duration JOB_LIMIT = Duration.ofSeconds(60);

  /// A caller that left is given one second, so that the test need not wait for half a minute.
  private static final String CONFIGURATION =
      """
      server:
        timeouts: {abandoned: PT1S}
      tenants:
        - id: acme
          keys: [{id: ci, secret: "${env:CI_KEY}", scopes: [submit, read, cancel]}]
      pools:
        - {id: quick, provider: simulated, concurrency: 8}
        - id: sluggish
          provider: simulated
          concurrency: 8
          simulation: {tokens_per_second: 20, output_tokens: 5000}
      models:
        - {id: fast, routes: [{pool: quick, model: fast}]}
        - {id: slow, routes: [{pool: sluggish, model: slow}]}
        - {id: refused, routes: [{pool: quick, model: simulated-error-400}]}
      prices:
        - {pool: quick, model: fast, from: 2020-01-01, input: 0.15, output: 0.60}
      """;

  private static AllInOne sluice;
  private static AllInOne.Ready ready;

  @BeforeAll
  static void serves(@TempDir Path folder) throws IOException {
    sluice = WholeSluice.in(folder, CONFIGURATION, Map.of("CI_KEY", KEY));
    ready = sluice.start();
  }

  @AfterAll
  static void stops() {
    sluice.close();
  }

  @Test
  void answersAChatAndNamesItsJob() throws Exception {
    JsonNode seen = openAi("chat");

    assertFalse(seen.get("text").asString().isBlank());
    assertEquals("stop", seen.get("finish").asString());
    assertUsageAddsUp(seen.get("usage"));
    assertEquals("succeeded", job(seen.get("requestId").asString()).get("status").asString());
  }

  @Test
  void streamsTheWholeAnswerAndItsUsageLast() throws Exception {
    JsonNode seen = openAi("stream");

    JsonNode job = job(seen.get("requestId").asString());
    assertEquals(
        job.at("/result/choices/0/message/content").asString(), seen.get("text").asString());
    assertTrue(seen.get("chunks").asInt() > 2, "parts, not one piece");
    assertEquals("stop", seen.get("finish").asString());
    assertUsageAddsUp(seen.get("usage"));
    assertEquals(0, seen.get("choicesWithUsage").asInt());
  }

  @Test
  void listsTheModelsOfThePolicy() {
    JsonNode seen = openAi("models");

    assertEquals("[\"fast\",\"refused\",\"slow\"]", seen.get("ids").toString());
    assertEquals("fast", seen.get("one").asString());
  }

  @Test
  void failsWithTheErrorClassesThatProgramsCatch() {
    JsonNode seen = openAi("errors");

    assertEquals("AuthenticationError 401 invalid_api_key", error(seen.get("wrongKey")));
    assertEquals("BadRequestError 400 schema_violation", error(seen.get("wrongType")));
    assertEquals("temperature", seen.at("/wrongType/param").asString());
    assertEquals("BadRequestError 400 schema_violation", error(seen.get("noMessages")));
    assertEquals("messages", seen.at("/noMessages/param").asString());
    assertEquals("NotFoundError 404 model_not_found", error(seen.get("unknownModel")));
    assertEquals("NotFoundError 404 model_not_found", error(seen.get("unknownModelToRead")));
    assertEquals("BadRequestError 400", error(seen.get("refusedByProvider")));
  }

  @Test
  void cancelsTheJobOfACallerThatLeft() throws Exception {
    JsonNode seen = openAi("abort");

    assertEquals("APIUserAbortError", error(seen.get("error")));
    assertTrue(seen.get("chunks").asInt() > 0, "it had begun to answer");
    assertEquals("cancelled", job(seen.get("requestId").asString()).get("status").asString());
  }

  @Test
  void financeReadsWhatTheJobSaysItCost() throws Exception {
    String id = openAi("chat").get("requestId").asString();
    JsonNode cost = job(id).get("cost");

    JsonNode rows =
        node("costs", "rows.js", ready.kafka(), "http://" + ready.admin(), id).get("rows");

    assertEquals(2, rows.size(), rows::toString);
    for (JsonNode row : rows) {
      boolean charge = row.get("kind").asString().equals("charge");
      assertEquals("acme", row.get("tenant").asString());
      assertEquals("acme", row.get("key").asString());
      assertEquals("fast", row.get("model").asString());
      assertEquals(
          charge ? id : id + "/1", row.get("entry").asString().replaceFirst("(/1)/.*$", "$1"));
      assertUsd(charge ? "0" : cost.get("owed_usd").asString(), row.get("owed"));
      assertUsd(charge ? cost.get("charged_usd").asString() : "0", row.get("charged"));
    }
    assertTrue(new BigDecimal(cost.get("charged_usd").asString()).signum() > 0);
  }

  private static JsonNode openAi(String scene) {
    return node("openai", "openai.js", "http://" + ready.http(), KEY, scene);
  }

  private static JsonNode node(String project, String script, String... arguments) {
    return NodeProject.at(project)
        .run(script, arguments)
        .map(line -> JsonMapper.shared().readTree(line))
        .orElseThrow();
  }

  /// The job, once it is finished. It asks again and again instead of waiting for an answer: a
  /// reader that waits is somebody for whom an abandoned job goes on.
  private static JsonNode job(String id) throws Exception {
    URI uri = URI.create("http://" + ready.http() + "/v1/jobs/" + id);
    HttpRequest request =
        HttpRequest.newBuilder(uri).header("Authorization", "Bearer " + KEY).build();
    var seen = new AtomicReference<JsonNode>();
    try (HttpClient http = HttpClient.newHttpClient()) {
      Eventually.await(
          "job " + id + " is finished",
          JOB_LIMIT,
          () -> {
            String body = http.send(request, BodyHandlers.ofString()).body();
            seen.set(JsonMapper.shared().readTree(body));
            return !seen.get().get("finished_at").isNull();
          });
    }
    return seen.get();
  }

  private static String error(JsonNode error) {
    return (error.path("name").asString("")
            + " "
            + error.path("status").asString("")
            + " "
            + error.path("code").asString(""))
        .strip();
  }

  private static void assertUsageAddsUp(JsonNode usage) {
    int output = usage.get("completion_tokens").asInt();
    assertTrue(output > 0);
    assertEquals(usage.get("prompt_tokens").asInt() + output, usage.get("total_tokens").asInt());
  }

  private static void assertUsd(String expected, JsonNode picoUsd) {
    BigDecimal seen = new BigDecimal(new BigInteger(picoUsd.asString()), 12);
    assertEquals(0, new BigDecimal(expected).compareTo(seen), expected + " is not " + seen);
  }
}
