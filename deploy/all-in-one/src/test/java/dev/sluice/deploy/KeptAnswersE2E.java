package dev.sluice.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.testkit.Eventually;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// An answer that is given again, as callers and finance meet it, also after everything was killed.
class KeptAnswersE2E {
  private static final String JOBS = "/v1/jobs";
  private static final String CHAT = "/v1/chat/completions";
  private static final String CACHE = "x-sluice-cache";
  private static final String ACME = "sk-kept-acme";
  private static final String OTHER = "sk-kept-other";

  private static final String CONFIGURATION =
      """
      tenants:
        - id: acme
          keys: [{id: ci, secret: "${file:%1$s}", scopes: [submit, read, cancel, costs]}]
          cache: {price_ratio: 0.1}
        - id: other
          keys: [{id: ci, secret: "${file:%2$s}", scopes: [submit, read, cancel, costs]}]
          cache: {mode: use}
      pools:
        - {id: sim, provider: simulated, concurrency: 4}
        - {id: slow, provider: simulated, concurrency: 4, simulation: {tokens_per_second: 10, output_tokens: 30}}
      models:
        - {id: m, routes: [{pool: sim, model: m}]}
        - {id: slow, routes: [{pool: slow, model: m}]}
      prices:
        - {pool: sim, model: m, from: 2020-01-01, input: 100, output: 100}
        - {pool: slow, model: m, from: 2020-01-01, input: 100, output: 100}
      """;

  private final HttpClient http = HttpClient.newHttpClient();
  @TempDir private Path folder;
  private String url = "";

  @AfterEach
  void closeClient() {
    http.shutdownNow();
  }

  @Test
  void anEqualRequestGetsTheFirstAnswerThroughAKillAndUntilItIsErased() throws Exception {
    Path acme = Files.writeString(folder.resolve("acme"), ACME);
    Path other = Files.writeString(folder.resolve("other"), OTHER);
    Files.writeString(folder.resolve("sluice.yaml"), CONFIGURATION.formatted(acme, other));
    JsonNode first;
    JsonNode hit;
    try (SluiceProcess process = up()) {
      first = job(ACME, body("one", true));
      assertEquals("miss", first.at("/cache/kind").asString(), first::toString);
      hit = job(ACME, body("one", true));
      assertEquals("miss", job(OTHER, body("one", false)).at("/cache/kind").asString());
      assertEquals("miss", job(ACME, body("two", true)).at("/cache/kind").asString());
      assertTrue(job(ACME, body("one", false)).path("cache").isNull(), "nobody asked");
      process.kill();
    }
    assertGiven(first, hit);

    try (SluiceProcess process = up()) {
      assertGiven(first, job(ACME, body("one", true)));
      assertGiven(first, read(ACME, JOBS + "/" + hit.path("id").asString()));
      HttpResponse<String> chat = post(ACME, CHAT, body("one", false), CACHE, "use");
      assertEquals("hit", chat.headers().firstValue(CACHE).orElse(""), chat.body());
      assertTrue(chat.headers().firstValue("age").isPresent());
      assertEquals(first.path("result"), JsonMapper.shared().readTree(chat.body()));
      assertChargedForCallsAndHits(first);

      erase(first);

      JsonNode anew = job(ACME, body("one", true));
      assertEquals("miss", anew.at("/cache/kind").asString(), anew::toString);
      assertEquals(0, process.terminate(), process.stderr());
    }
  }

  @Test
  void equalRequestsInFlightShareOneCallThroughAKill() throws Exception {
    Path acme = Files.writeString(folder.resolve("acme"), ACME);
    Path other = Files.writeString(folder.resolve("other"), OTHER);
    Files.writeString(folder.resolve("sluice.yaml"), CONFIGURATION.formatted(acme, other));
    List<String> ids = new ArrayList<>();
    try (SluiceProcess process = up()) {
      for (int i = 0; i < 5; i++) {
        HttpResponse<String> made = post(ACME, JOBS, slow(), "Prefer", "respond-async");
        ids.add(JsonMapper.shared().readTree(made.body()).path("id").asString());
      }
      Eventually.await(
          "the call runs",
          Duration.ofSeconds(20),
          () ->
              read(ACME, JOBS + "/" + ids.getFirst()).path("status").asString().equals("running"));
      process.kill();
    }

    try (SluiceProcess process = up()) {
      JsonNode first = read(ACME, JOBS + "/" + ids.getFirst() + "?wait=30");
      assertEquals("miss", first.at("/cache/kind").asString(), first::toString);
      for (String id : ids.subList(1, ids.size())) {
        JsonNode follower = read(ACME, JOBS + "/" + id + "?wait=30");
        assertEquals("coalesced", follower.at("/cache/kind").asString(), follower::toString);
        assertEquals(first.path("result"), follower.path("result"));
        assertEquals(0, follower.path("attempts").size());
      }
      assertEquals(0, process.terminate(), process.stderr());
    }
  }

  private static String slow() {
    return "{\"model\":\"slow\",\"cache\":{},\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}";
  }

  @Test
  void aStreamIsGivenAgainAsAStream() throws Exception {
    Path acme = Files.writeString(folder.resolve("acme"), ACME);
    Path other = Files.writeString(folder.resolve("other"), OTHER);
    Files.writeString(folder.resolve("sluice.yaml"), CONFIGURATION.formatted(acme, other));
    try (SluiceProcess process = up()) {
      String streamed = body("three", false).replace("{\"model\"", "{\"stream\":true,\"model\"");

      HttpResponse<String> first = post(ACME, CHAT, streamed, CACHE, "use");
      HttpResponse<String> second = post(ACME, CHAT, streamed, CACHE, "use");

      assertEquals("hit", second.headers().firstValue(CACHE).orElse(""), second.body());
      assertEquals(text(first.body()), text(second.body()));
      assertTrue(second.body().endsWith("data: [DONE]\n\n"), second.body());
      assertEquals(0, process.terminate(), process.stderr());
    }
  }

  /// What a stream of chunks says.
  private static String text(String stream) {
    StringBuilder text = new StringBuilder();
    stream
        .lines()
        .filter(line -> line.startsWith("data: {"))
        .map(line -> JsonMapper.shared().readTree(line.substring(6)))
        .forEach(chunk -> text.append(chunk.at("/choices/0/delta/content").asString("")));
    assertTrue(!text.isEmpty(), stream);
    return text.toString();
  }

  private static void assertGiven(JsonNode first, JsonNode hit) {
    assertNotEquals(first.path("id"), hit.path("id"));
    assertEquals("succeeded", hit.path("status").asString(), hit::toString);
    assertEquals("hit", hit.at("/cache/kind").asString(), hit::toString);
    assertEquals(first.path("id"), hit.at("/cache/answered_by"));
    assertEquals(first.path("result"), hit.path("result"));
    assertEquals(0, hit.path("attempts").size());
    BigDecimal full = usd(first, "/cost/charged_usd");
    assertEquals(0, full.movePointLeft(1).compareTo(usd(hit, "/cost/charged_usd")));
    assertEquals(0, full.multiply(new BigDecimal("0.9")).compareTo(usd(hit, "/cache/saved_usd")));
    assertEquals(0, usd(hit, "/cost/owed_usd").signum());
    assertEquals(first.path("expires_at"), hit.path("expires_at"));
  }

  private static BigDecimal usd(JsonNode job, String pointer) {
    return new BigDecimal(job.at(pointer).asString());
  }

  /// Three calls and three answers given again.
  private void assertChargedForCallsAndHits(JsonNode first) throws Exception {
    Eventually.await(
        "charges",
        Duration.ofSeconds(20),
        () -> read(ACME, "/v1/costs?by=tenant").at("/data/0/jobs").asInt() >= 6);
    JsonNode costs = read(ACME, "/v1/costs?by=tenant").at("/data/0");
    BigDecimal full = usd(first, "/cost/charged_usd");
    assertEquals(6, costs.path("jobs").asInt(), costs::toString);
    assertEquals(3, costs.path("attempts").asInt(), costs::toString);
    BigDecimal calls = full.multiply(BigDecimal.valueOf(3));
    BigDecimal hits = full.movePointLeft(1).multiply(BigDecimal.valueOf(3));
    assertEquals(
        0, calls.add(hits).compareTo(new BigDecimal(costs.path("charged_usd").asString())));
    assertEquals(0, calls.compareTo(new BigDecimal(costs.path("owed_usd").asString())));
  }

  private static String body(String text, boolean asks) {
    return "{\"model\":\"m\",%s\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]}"
        .formatted(asks ? "\"cache\":{}," : "", text);
  }

  private JsonNode job(String key, String body) throws Exception {
    HttpResponse<String> response = post(key, JOBS, body, "Prefer", "wait=30");
    assertEquals(200, response.statusCode(), response.body());
    return JsonMapper.shared().readTree(response.body());
  }

  private void erase(JsonNode job) throws Exception {
    HttpRequest request = request(ACME, JOBS + "/" + job.path("id").asString()).DELETE().build();
    assertEquals(200, http.send(request, BodyHandlers.ofString()).statusCode());
  }

  private HttpResponse<String> post(String key, String path, String body, String... headers)
      throws Exception {
    return http.send(
        request(key, path)
            .header("content-type", "application/json")
            .headers(headers)
            .POST(BodyPublishers.ofString(body))
            .build(),
        BodyHandlers.ofString());
  }

  private JsonNode read(String key, String path) throws Exception {
    HttpResponse<String> answer = http.send(request(key, path).build(), BodyHandlers.ofString());
    assertEquals(200, answer.statusCode(), answer.body());
    return JsonMapper.shared().readTree(answer.body());
  }

  private HttpRequest.Builder request(String key, String path) {
    return HttpRequest.newBuilder(URI.create(url + path)).header("authorization", "Bearer " + key);
  }

  private SluiceProcess up() throws Exception {
    SluiceProcess process =
        SluiceProcess.start(
            folder,
            "up",
            "-c",
            folder.resolve("sluice.yaml").toString(),
            "--data=" + folder.resolve("data"),
            "--port=0",
            "--kafka-port=0",
            "--admin-port=0");
    url = process.line().split(" ", -1)[1];
    return process;
  }
}
