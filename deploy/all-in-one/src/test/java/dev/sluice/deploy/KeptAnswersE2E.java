package dev.sluice.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.testkit.Eventually;
import java.math.BigDecimal;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
          keys: [{id: ci, secret: "${env:ACME}", scopes: [submit, read, cancel, costs]}]
          cache: {price_ratio: 0.1}
        - id: other
          keys: [{id: ci, secret: "${env:OTHER}", scopes: [submit, read, cancel, costs]}]
          cache: {mode: use}
      pools:
        - {id: sim, provider: simulated, concurrency: 4}
        - {id: slow, provider: simulated, concurrency: 4, simulation: {tokens_per_second: 10, output_tokens: 60}}
      models:
        - {id: m, routes: [{pool: sim, model: m}]}
        - {id: slow, routes: [{pool: slow, model: m}]}
      prices:
        - {pool: sim, model: m, from: 2020-01-01, input: 100, output: 100}
        - {pool: slow, model: m, from: 2020-01-01, input: 100, output: 100}
      """;

  @TempDir private Path folder;
  private SluiceCaller acme;
  private SluiceCaller other;

  @AfterEach
  void closeCaller() {
    acme.close();
  }

  @Test
  void anEqualRequestGetsTheFirstAnswerThroughAKillAndUntilItIsErased() throws Exception {
    JsonNode first;
    JsonNode hit;
    try (SluiceProcess process = up()) {
      first = job(acme, body("one", true));
      assertEquals("miss", first.at("/cache/kind").asString(), first::toString);
      hit = job(acme, body("one", true));
      assertEquals("miss", job(other, body("one", false)).at("/cache/kind").asString());
      assertEquals("miss", job(acme, body("two", true)).at("/cache/kind").asString());
      assertTrue(job(acme, body("one", false)).path("cache").isNull(), "nobody asked");
      process.kill();
    }
    assertGiven(first, hit);

    try (SluiceProcess process = up()) {
      assertGiven(first, job(acme, body("one", true)));
      assertGiven(first, acme.read(JOBS + "/" + hit.path("id").asString()));
      HttpResponse<String> chat = acme.post(CHAT, body("one", false), CACHE, "use");
      assertEquals("hit", chat.headers().firstValue(CACHE).orElse(""), chat.body());
      assertTrue(chat.headers().firstValue("age").isPresent());
      assertEquals(first.path("result"), JsonMapper.shared().readTree(chat.body()));
      assertChargedForCallsAndHits(first);

      assertEquals(200, acme.delete(JOBS + "/" + first.path("id").asString()).statusCode());

      JsonNode anew = job(acme, body("one", true));
      assertEquals("miss", anew.at("/cache/kind").asString(), anew::toString);
      assertEquals(0, process.terminate(), process.stderr());
    }
  }

  @Test
  void equalRequestsInFlightShareOneCallThroughAKill() throws Exception {
    List<String> ids = new ArrayList<>();
    try (SluiceProcess process = up()) {
      for (int i = 0; i < 5; i++) {
        HttpResponse<String> made = acme.post(JOBS, slow(), "Prefer", "respond-async");
        ids.add(JsonMapper.shared().readTree(made.body()).path("id").asString());
      }
      Eventually.await(
          "the call runs",
          Duration.ofSeconds(20),
          () -> acme.read(JOBS + "/" + ids.getFirst()).path("status").asString().equals("running"));
      process.kill();
    }

    try (SluiceProcess process = up()) {
      JsonNode first = acme.read(JOBS + "/" + ids.getFirst() + "?wait=30");
      assertEquals("miss", first.at("/cache/kind").asString(), first::toString);
      for (String id : ids.subList(1, ids.size())) {
        JsonNode follower = acme.read(JOBS + "/" + id + "?wait=30");
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
    try (SluiceProcess process = up()) {
      String streamed = body("three", false).replace("{\"model\"", "{\"stream\":true,\"model\"");

      HttpResponse<String> first = acme.post(CHAT, streamed, CACHE, "use");
      HttpResponse<String> second = acme.post(CHAT, streamed, CACHE, "use");

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
        () -> acme.read("/v1/costs?by=tenant").at("/data/0/jobs").asInt() >= 6);
    JsonNode costs = acme.read("/v1/costs?by=tenant").at("/data/0");
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

  private static JsonNode job(SluiceCaller caller, String body) throws Exception {
    return SluiceCaller.json(caller.post(JOBS, body, "Prefer", "wait=30"));
  }

  private SluiceProcess up() throws Exception {
    SluiceProcess process =
        SluiceProcess.up(folder, CONFIGURATION, Map.of("ACME", ACME, "OTHER", OTHER));
    acme = new SluiceCaller(process.url(), ACME);
    other = acme.as(OTHER);
    return process;
  }
}
