package dev.sluice.deploy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.deploy.AllInOne;
import dev.sluice.deploy.InThisJvm;
import dev.sluice.deploy.WholeSluice;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// Where jobs go, and what is told of it, in a whole Sluice with several simulated pools.
@InThisJvm
class RoutingIT {
  private static final String CONFIGURATION =
      """
      tenants:
        - {id: acme, keys: [{id: app, secret: "${env:ACME}"}], residency: eu}
        - {id: lab, keys: [{id: app, secret: "${env:LAB}"}]}
      pools:
        - {id: near, provider: simulated, region: eu, simulation: {first_token: PT0S, tokens_per_second: 0}}
        - {id: slow, provider: simulated, region: eu, simulation: {first_token: PT0.15S, tokens_per_second: 0}}
        - {id: far, provider: simulated, region: us, simulation: {first_token: PT0S, tokens_per_second: 0}}
        - {id: narrow, provider: simulated, concurrency: 1, simulation: {first_token: PT4S, tokens_per_second: 0}}
        - {id: down, provider: openai-compatible, base_url: "http://127.0.0.1:1/v1", region: eu}
      models:
        - {id: ordered, policy: priority, routes: [{pool: far, model: m}, {pool: near, model: m}, {pool: slow, model: m}]}
        - {id: thrifty, policy: cheapest, routes: [{pool: near, model: m}, {pool: slow, model: m}, {pool: far, model: m}]}
        - {id: quick, policy: fastest, routes: [{pool: slow, model: m}, {pool: near, model: m}]}
        - id: tiered
          policy: priority
          routes:
            - {pool: near, model: gold, when: "tags.tier == 'gold' && estimated_tokens < 4000"}
            - {pool: slow, model: plain, when: "hour('UTC') < 24"}
        - id: compared
          assign_by: user
          routes: [{pool: near, model: m, variant: control}, {pool: slow, model: m, variant: canary}]
        - {id: american, routes: [{pool: far, model: m}]}
        - {id: someday, policy: cheapest, routes: [{pool: near, model: m, when: "hour('UTC') > 23"}]}
        - {id: changing, policy: priority, routes: [%s{pool: narrow, model: m}]}
        - id: falling
          routes: [{pool: down, model: m}]
          fallback:
            - {pool: far, model: m}
            - {pool: slow, model: m, if: "priority == 'batch'"}
            - {pool: near, model: m}
      prices:
        - {pool: near, model: m, from: 2026-01-01, input: 2, output: 2}
        - {pool: slow, model: m, from: 2026-01-01, input: 1, output: 1}
      """;

  @TempDir static Path folder;
  private static AllInOne sluice;
  private static String url;
  private static String kafka;

  @BeforeAll
  static void start() throws IOException {
    sluice =
        WholeSluice.in(
            folder, CONFIGURATION.formatted(""), Map.of("ACME", "sk-acme", "LAB", "sk-lab"));
    AllInOne.Ready ready = sluice.start();
    url = "http://" + ready.http();
    kafka = ready.kafka();
  }

  @AfterAll
  static void stop() {
    sluice.close();
  }

  @Test
  void aResidencyIsNotLeftAndTheJobSaysWhatItCost() throws Exception {
    JsonNode lab = job("sk-lab", "ordered", Map.of());
    JsonNode acme = job("sk-acme", "ordered", Map.of());

    assertEquals("far", lab.path("route").path("pool").asString());
    assertEquals("near", acme.path("route").path("pool").asString());
    assertEquals("priority", acme.path("route").path("policy").asString());
    assertTrue(acme.path("route").path("policy_version").asInt() > 0);
    assertEquals(
        List.of("far: outside of residency eu, in us", "slow: later in the list"), rejected(acme));
  }

  @Test
  void theCheapestIsTakenAndWhatHasNoPriceIsLast() throws Exception {
    JsonNode job = job("sk-lab", "thrifty", Map.of());

    assertEquals("slow", job.path("route").path("pool").asString());
    assertTrue(
        job.path("route").path("reason").asString().matches("at most 0\\.000\\d+ USD"),
        job.toString());
    assertTrue(rejected(job).contains("far: unpriced"), job.toString());
  }

  @Test
  void aConditionPicksByTag() throws Exception {
    JsonNode gold = job("sk-lab", "tiered", Map.of("tier", "gold"));
    JsonNode plain = job("sk-lab", "tiered", Map.of());

    assertEquals("gold", gold.path("route").path("model").asString());
    assertEquals("plain", plain.path("route").path("model").asString());
    assertEquals(
        List.of("near: its condition failed: key 'tier' is not present in map."), rejected(plain));
  }

  @Test
  void aTagKeepsAUserOnOneVariant() throws Exception {
    Map<String, String> variants = new HashMap<>();
    for (int i = 0; i < 24; i++) {
      String user = "u" + i % 12;
      String variant =
          job("sk-lab", "compared", Map.of("user", user)).path("route").path("variant").asString();
      assertEquals(variant, variants.computeIfAbsent(user, _ -> variant));
    }
    assertEquals(java.util.Set.of("control", "canary"), java.util.Set.copyOf(variants.values()));
  }

  @Test
  void theFastestIsTakenOnceOneIsMeasured() throws Exception {
    List<String> pools = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      pools.add(job("sk-lab", "quick", Map.of()).path("route").path("pool").asString());
    }

    long near = pools.subList(20, 40).stream().filter("near"::equals).count();
    assertTrue(near >= 13, pools.toString());
  }

  @Test
  void aFallbackKeepsToResidencyAndConditionsAndTheLifeOfTheJobCanBeTold() throws Exception {
    JsonNode job = job("sk-acme", "falling", Map.of());

    assertEquals("succeeded", job.path("status").asString());
    assertEquals("near", job.path("route").path("pool").asString());
    assertEquals("fallback", job.path("route").path("reason").asString());
    assertEquals(
        List.of(
            "down: failed: down",
            "far: outside of residency eu, in us",
            "slow: its condition is false"),
        rejected(job));

    CommandRun told = explain(job.path("id").asString());
    assertEquals(0, told.code(), told.err());
    for (String line :
        List.of(
            "route     near m",
            "chosen    weighted: fallback  (policy version "
                + job.path("route").path("policy_version").asInt()
                + ")",
            "not       far m: outside of residency eu, in us")) {
      assertTrue(told.lines().contains(line), told.out());
    }
    assertTrue(told.out().contains("running, attempt 2, near m"), told.out());
    assertTrue(told.out().contains("1  down m  down provider_down"), told.out());
    JsonNode whole =
        SluiceClient.JSON.readTree(explain(job.path("id").asString(), "-o", "json").out());
    assertEquals("near", whole.path("job").path("route").path("pool").asString());
    assertTrue(whole.path("events").size() >= 4, whole.toString());
  }

  /// More jobs than their pool is sent at once wait; a policy that comes then asks for tags, which
  /// no record of theirs has.
  @Test
  void jobsThatWaitAreJudgedByAConditionThatCameAfterThem() throws Exception {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      ids.add(submit("sk-lab", "changing", Map.of("tier", "gold"), "wait=0").path("id").asString());
    }

    Path file =
        Files.writeString(
            folder.resolve("changed.yaml"),
            "server: {kafka: {bootstrap_servers: \""
                + kafka
                + "\"}}\n"
                + CONFIGURATION.formatted(
                    "{pool: near, model: m, when: \"tags.tier == 'gold'\"}, "));
    CommandRun applied = CommandRun.of("apply", "-c", file.toString());
    assertEquals(0, applied.code(), applied.err());

    // The first ones were sent to their pool before, and stay there.
    for (String id : ids.subList(4, 6)) {
      JsonNode job = read("sk-lab", id);
      assertEquals("near", job.path("route").path("pool").asString(), job.toString());
    }
  }

  @Test
  void aJobThatWaitsForItsTimeIsHeldAndSaysWhy() throws Exception {
    JsonNode job = submit("sk-acme", "someday", Map.of(), "wait=1");

    assertEquals("held", job.path("status").asString(), job.toString());
    assertEquals("provider", job.path("reason").asString());
    assertTrue(job.path("route").path("pool").isNull(), job.toString());
    assertEquals(List.of("near: its condition is false"), rejected(job));

    CommandRun told = explain(job.path("id").asString());
    assertEquals(0, told.code(), told.err());
    assertTrue(told.lines().contains("route     none"), told.out());
    assertTrue(told.lines().contains("not       near m: its condition is false"), told.out());
    assertTrue(told.out().contains("  held: provider"), told.out());
  }

  @Test
  void aJobThatMayRunNowhereFailsAndSaysWhy() throws Exception {
    JsonNode job = job("sk-acme", "american", Map.of());

    assertEquals("failed", job.path("status").asString());
    assertEquals("no_route", job.path("error").path("code").asString());
    assertTrue(
        job.path("error").path("message").asString().contains("far: outside of residency eu"),
        job.toString());
  }

  private static CommandRun explain(String id, String... more) {
    List<String> words = new ArrayList<>(List.of("explain", id, "--url", url, "--key", "sk-acme"));
    words.addAll(List.of(more));
    return CommandRun.of(words.toArray(String[]::new));
  }

  private static List<String> rejected(JsonNode job) {
    List<String> all = new ArrayList<>();
    for (JsonNode one : job.path("route").path("rejected")) {
      all.add(one.path("pool").asString() + ": " + one.path("why").asString());
    }
    return all;
  }

  /// A job once it has ended.
  private static JsonNode job(String key, String model, Map<String, String> tags)
      throws IOException, InterruptedException {
    return submit(key, model, tags, "wait=20");
  }

  private static JsonNode submit(
      String key, String model, Map<String, String> tags, String preference)
      throws IOException, InterruptedException {
    String body =
        SluiceClient.JSON
            .createObjectNode()
            .put("model", model)
            .put("input", "hello")
            .set("tags", SluiceClient.JSON.valueToTree(tags))
            .toString();
    return send(
        key,
        HttpRequest.newBuilder(URI.create(url + "/v1/jobs"))
            .header("content-type", "application/json")
            .header("prefer", preference)
            .POST(HttpRequest.BodyPublishers.ofString(body)));
  }

  private static JsonNode read(String key, String id) throws IOException, InterruptedException {
    return send(key, HttpRequest.newBuilder(URI.create(url + "/v1/jobs/" + id + "?wait=30")));
  }

  private static JsonNode send(String key, HttpRequest.Builder request)
      throws IOException, InterruptedException {
    try (HttpClient http = HttpClient.newHttpClient()) {
      return SluiceClient.JSON.readTree(
          http.send(
                  request.header("authorization", "Bearer " + key).build(), BodyHandlers.ofString())
              .body());
    }
  }
}
