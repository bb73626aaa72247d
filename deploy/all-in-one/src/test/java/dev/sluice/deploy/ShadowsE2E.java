package dev.sluice.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.testkit.Eventually;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// Shadow copies as callers, operators and finance meet them, also after everything was killed.
class ShadowsE2E {
  private static final String JOBS = "/v1/jobs";
  private static final String KEY = "sk-shadows-acme";
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final String CONFIGURATION =
      """
      tenants:
        - id: acme
          keys: [{id: ci, secret: "${env:KEY}", scopes: [submit, read, cancel, costs, admin]}]
          budgets: [{requests: 20, period: forever, on_exceeded: reject}]
      pools:
        - {id: real, provider: simulated, concurrency: 8}
        - {id: next, provider: simulated, concurrency: 8}
        - {id: late, provider: simulated, concurrency: 32, simulation: {tokens_per_second: 8, output_tokens: 24}}
        - {id: dead, provider: openai-compatible, base_url: "http://127.0.0.1:9/v1", concurrency: 8}
      models:
        - {id: m, routes: [{pool: real, model: m}], shadow: [{pool: next, model: n}]}
        - {id: broken, routes: [{pool: real, model: m}], shadow: [{pool: dead, model: x}]}
        - {id: slow, routes: [{pool: real, model: m}], shadow: [{pool: late, model: n}]}
      prices:
        - {pool: real, model: m, from: 2020-01-01, input: 100, output: 100}
        - {pool: next, model: n, from: 2020-01-01, input: 50, output: 50}
        - {pool: late, model: n, from: 2020-01-01, input: 50, output: 50}
      """;

  @TempDir private Path folder;
  private SluiceCaller caller;

  @AfterEach
  void closeCaller() {
    caller.close();
  }

  @Test
  void aCopyIsAJobOfItsOwnThatCostsTheOperatorAlone() throws Exception {
    try (SluiceProcess process = up()) {
      JsonNode primary = finished(submit("m"));
      JsonNode copy = finished(copyOf(primary));
      assertEquals("succeeded", primary.path("status").asString(), primary::toString);
      assertEquals("succeeded", copy.path("status").asString(), copy::toString);
      assertEquals(primary.path("id"), copy.path("shadow_of"));
      assertEquals("next", copy.at("/route/pool").asString());
      assertEquals("shadow", copy.at("/route/policy").asString());
      assertEquals(primary.path("endpoint"), copy.path("endpoint"));
      assertEquals(primary.path("tags"), copy.path("tags"));
      assertEquals("0", copy.at("/cost/charged_usd").asString());

      assertEquals(1, caller.read(JOBS).path("data").size());
      assertEquals(2, caller.read(JOBS + "?shadows=true").path("data").size());
      BigDecimal owed = usd(primary, "/cost/owed_usd").add(usd(copy, "/cost/owed_usd"));
      assertTrue(usd(copy, "/cost/owed_usd").signum() > 0, copy::toString);
      Eventually.await(
          "finance sees both calls and one charge",
          PATIENCE,
          () -> {
            JsonNode costs = caller.read("/v1/costs").path("data").path(0);
            return costs.path("attempts").asInt() == 2
                && costs.path("jobs").asInt() == 1
                && usd(costs, "/charged_usd").compareTo(usd(primary, "/cost/charged_usd")) == 0
                && usd(costs, "/owed_usd").compareTo(owed) == 0;
          });

      Eventually.await(
          "both sides are compared",
          PATIENCE,
          () -> {
            JsonNode sides = caller.read("/v1/comparisons?model=m").path("data");
            return sides.size() == 2
                && sides.at("/0/role").asString().equals("primary")
                && sides.at("/1/pool").asString().equals("next")
                && sides.at("/1/success_rate").asString().equals("1")
                && usd(sides.path(1), "/owed_usd").compareTo(usd(copy, "/cost/owed_usd")) == 0;
          });

      JsonNode unharmed = finished(submit("broken"));
      JsonNode failed = finished(copyOf(unharmed));
      assertEquals("succeeded", unharmed.path("status").asString(), unharmed::toString);
      assertEquals("failed", failed.path("status").asString(), failed::toString);
      assertEquals(1, failed.path("attempts").size(), failed::toString);
      Eventually.await("both jobs are counted", PATIENCE, () -> used().equals("2"));

      assertEquals(200, caller.delete(JOBS + "/" + primary.path("id").asString()).statusCode());
      assertEquals(404, caller.get(JOBS + "/" + copy.path("id").asString()).statusCode());
      assertEquals("2", used(), "copies do not count");
      assertEquals(0, process.terminate(), process.stderr());
    }
  }

  @Test
  void eachJobHasItsCopyOnceThroughAKill() throws Exception {
    List<String> ids = new ArrayList<>();
    try (SluiceProcess process = up()) {
      for (int i = 0; i < 12; i++) {
        ids.add(submit("slow"));
      }
      for (String id : ids.subList(0, 6)) {
        finished(id);
      }
      process.kill();
    }

    try (SluiceProcess process = up()) {
      for (String id : ids) {
        JsonNode primary = finished(id);
        assertEquals("succeeded", primary.path("status").asString(), primary::toString);
        assertTrue(
            List.of("succeeded", "failed")
                .contains(finished(copyOf(primary)).path("status").asString()));
      }
      assertEquals(12, caller.read(JOBS + "?limit=100").path("data").size());
      assertEquals(24, caller.read(JOBS + "?limit=100&shadows=true").path("data").size());
      Eventually.await(
          "each charged once",
          PATIENCE,
          () -> caller.read("/v1/costs").path("data").path(0).path("jobs").asInt() == 12);
      assertEquals(0, process.terminate(), process.stderr());
    }
  }

  private String used() throws Exception {
    return caller.read("/v1/quotas").at("/data/0/used").asString();
  }

  /// The id of a job's only copy.
  private String copyOf(JsonNode primary) throws Exception {
    String id = primary.path("id").asString();
    Eventually.await("a copy", PATIENCE, () -> !job(id).path("shadows").isEmpty());
    assertEquals(1, job(id).path("shadows").size());
    return job(id).path("shadows").path(0).asString();
  }

  private JsonNode job(String id) throws Exception {
    return caller.read(JOBS + "/" + id);
  }

  private JsonNode finished(String id) throws Exception {
    Eventually.await("end of " + id, PATIENCE, () -> !job(id).path("finished_at").isNull());
    return job(id);
  }

  private String submit(String model) throws Exception {
    String body =
        "{\"model\":\"%s\",\"tags\":{\"team\":\"a\"},\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}"
            .formatted(model);
    return SluiceCaller.json(caller.post(JOBS, body), 202).path("id").asString();
  }

  private static BigDecimal usd(JsonNode node, String pointer) {
    return new BigDecimal(node.at(pointer).asString());
  }

  private SluiceProcess up() throws Exception {
    SluiceProcess process = SluiceProcess.up(folder, CONFIGURATION, Map.of("KEY", KEY));
    caller = new SluiceCaller(process.url(), KEY);
    return process;
  }
}
