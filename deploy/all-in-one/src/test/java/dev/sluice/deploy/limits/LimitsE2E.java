package dev.sluice.deploy.limits;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.deploy.AtOnce;
import dev.sluice.deploy.SluiceCaller;
import dev.sluice.deploy.SluiceProcess;
import dev.sluice.testkit.Eventually;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Limits through a whole Sluice, with more jobs at once than fit, and with a kill in between:
/// nothing is used twice, nothing beyond, and nothing stays reserved.
class LimitsE2E {
  private static final Duration LONG = Duration.ofMinutes(3);

  /// Requests on their way at once; the jobs they make are all there together.
  private static final int CONNECTIONS = 64;

  private static final String CONFIGURATION =
      """
      tenants:
        - id: counted
          keys: [{id: k, secret: "${env:COUNTED}", scopes: [submit, read, cancel, costs]}]
          budgets: [{requests: 100, period: forever, on_exceeded: reject}]
        - id: paid
          keys: [{id: k, secret: "${env:PAID}", scopes: [submit, read, cancel, costs]}]
          budgets: [{usd: 0.2, period: forever, on_exceeded: hold}]
        - id: narrow
          keys:
            - {id: k, secret: "${env:NARROW}", scopes: [submit, read, cancel, costs]}
            - {id: other, secret: "${env:OTHER}"}
          quotas: {max_in_flight: 5}
          teams: [{id: one, keys: [other], quotas: {max_in_flight: 2}}]
        - id: moved
          keys: [{id: k, secret: "${env:MOVED}", scopes: [submit, read, cancel, costs]}]
          budgets: [{requests: 3, period: forever, on_exceeded: downgrade, downgrade_to: cheap}]
      pools:
        - {id: p, provider: openai-compatible, base_url: "URL", concurrency: 64}
      models:
        - {id: dear, routes: [{pool: p, model: dear}]}
        - {id: slim, routes: [{pool: p, model: slim}]}
        - {id: cheap, routes: [{pool: p, model: cheap}]}
      prices:
        - {pool: p, model: "*", from: 2026-01-01, input: 100, output: 100}
      """;

  private static final Map<String, String> KEYS =
      Map.of(
          "COUNTED", "sk-counted",
          "PAID", "sk-paid",
          "NARROW", "sk-narrow",
          "OTHER", "sk-other",
          "MOVED", "sk-moved");

  @TempDir private Path folder;
  private SluiceCaller caller;

  @AfterEach
  void closeCaller() {
    caller.close();
  }

  @Test
  void moreJobsAtOnceThanFitUseNoMoreThanTheLimitThroughAKill() throws Exception {
    try (CountingProvider provider = new CountingProvider()) {
      SluiceProcess first = up(provider);
      List<Integer> counted = submit("counted", "dear", 600);
      List<Integer> paid = submit("paid", "dear", 150);
      assertEquals(100, counted.stream().filter(status -> status == 202).count());
      assertEquals(500, counted.stream().filter(status -> status == 429).count());
      assertEquals(150, paid.stream().filter(status -> status == 202).count());
      first.kill();

      try (SluiceProcess second = up(provider)) {
        Eventually.await(
            "all that fits is done",
            LONG,
            () -> used("counted").equals("100 0") && reserved("paid").equals("0"));
        assertRefused();
        BigDecimal charged = charged("paid");
        assertTrue(charged.compareTo(new BigDecimal("0.2")) <= 0, charged + " USD");
        assertTrue(charged.compareTo(new BigDecimal("0.198")) >= 0, charged + " USD");
        JsonNode held = get("paid", "/v1/jobs?status=held&limit=100").required("data");
        assertEquals("budget", held.get(0).required("reason").stringValue());
        assertEquals("usd/forever@UTC", held.get(0).required("held_by").stringValue());
        assertEquals(0, second.terminate());
      }
    }
  }

  @Test
  void noMoreRunAtOnceThanTheTenantAndItsTeamMay() throws Exception {
    try (CountingProvider provider = new CountingProvider();
        SluiceProcess _ = up(provider)) {
      provider.holdUntil("dear", 3);
      provider.holdUntil("slim", 2);
      submit("narrow", "dear", 60);
      submit("other", "slim", 30);

      Eventually.await(
          "all jobs done", LONG, () -> provider.calls("dear") + provider.calls("slim") == 90);
      assertEquals(2, provider.mostAtOnce("slim"));
      assertTrue(provider.mostAtOnce("dear") <= 5, provider.mostAtOnce("dear") + " at once");
      assertTrue(provider.mostAtOnce("dear") >= 3, provider.mostAtOnce("dear") + " at once");
      Eventually.await("nothing is reserved", LONG, () -> reserved("narrow").equals("0"));
    }
  }

  @Test
  void aUsedUpBudgetMovesJobsToTheOtherModel() throws Exception {
    try (CountingProvider provider = new CountingProvider();
        SluiceProcess _ = up(provider)) {
      submit("moved", "dear", 10);

      Eventually.await(
          "all jobs done", LONG, () -> provider.calls("dear") + provider.calls("cheap") == 10);
      assertEquals(3, provider.calls("dear"));
      HttpResponse<String> chat = post("moved", "/v1/chat/completions", "dear");
      assertEquals(200, chat.statusCode(), chat.body());
    }
  }

  private void assertRefused() throws Exception {
    HttpResponse<String> refused = post("counted", "/v1/chat/completions", "dear");
    assertEquals(429, refused.statusCode(), refused.body());
    assertEquals("false", refused.headers().firstValue("x-should-retry").orElse(""));
    JsonNode error = JsonMapper.shared().readTree(refused.body()).required("error");
    assertEquals("budget_exceeded", error.required("code").stringValue());
    assertEquals("insufficient_quota", error.required("type").stringValue());
  }

  private SluiceProcess up(CountingProvider provider) throws IOException {
    SluiceProcess sluice =
        SluiceProcess.up(folder, CONFIGURATION.replace("URL", provider.url()), KEYS);
    caller = new SluiceCaller(sluice.url(), "");
    return sluice;
  }

  /// Submits jobs from many connections and gives the statuses of the answers.
  private List<Integer> submit(String key, String model, int jobs) throws Exception {
    return AtOnce.call(CONNECTIONS, jobs, _ -> post(key, "/v1/jobs", model).statusCode());
  }

  private HttpResponse<String> post(String key, String path, String model) throws Exception {
    String body =
        "{\"model\":\"%s\",\"max_tokens\":10,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}"
            .formatted(model);
    return caller.as("sk-" + key).post(path, body);
  }

  private JsonNode get(String key, String path) throws Exception {
    return caller.as("sk-" + key).read(path);
  }

  private String used(String key) throws Exception {
    JsonNode quota = get(key, "/v1/quotas").required("data").get(0);
    return quota.required("used").asString() + " " + quota.required("reserved").asString();
  }

  private String reserved(String key) throws Exception {
    return get(key, "/v1/quotas").required("data").get(0).required("reserved").asString();
  }

  private BigDecimal charged(String key) throws Exception {
    JsonNode quota = get(key, "/v1/quotas").required("data").get(0);
    BigDecimal used = new BigDecimal(quota.required("used").stringValue());
    Eventually.await(
        "finance sees what the limit counts",
        LONG,
        () -> {
          JsonNode costs = get(key, "/v1/costs").required("data");
          return !costs.isEmpty()
              && used.compareTo(new BigDecimal(costs.get(0).required("charged_usd").stringValue()))
                  == 0;
        });
    return used;
  }
}
