package dev.sluice.deploy.limits;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.deploy.SluiceProcess;
import dev.sluice.testkit.Eventually;
import java.io.IOException;
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
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
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
          keys: [{id: k, secret: "${file:KEYS/counted}", scopes: [submit, read, cancel, costs]}]
          budgets: [{requests: 100, period: forever, on_exceeded: reject}]
        - id: paid
          keys: [{id: k, secret: "${file:KEYS/paid}", scopes: [submit, read, cancel, costs]}]
          budgets: [{usd: 0.2, period: forever, on_exceeded: hold}]
        - id: narrow
          keys:
            - {id: k, secret: "${file:KEYS/narrow}", scopes: [submit, read, cancel, costs]}
            - {id: other, secret: "${file:KEYS/other}"}
          quotas: {max_in_flight: 5}
          teams: [{id: one, keys: [other], quotas: {max_in_flight: 2}}]
        - id: moved
          keys: [{id: k, secret: "${file:KEYS/moved}", scopes: [submit, read, cancel, costs]}]
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

  private final HttpClient http = HttpClient.newHttpClient();
  @TempDir private Path folder;

  @AfterEach
  void closeClient() {
    http.shutdownNow();
  }

  @Test
  void moreJobsAtOnceThanFitUseNoMoreThanTheLimitThroughAKill() throws Exception {
    try (CountingProvider provider = new CountingProvider()) {
      Path file = configuration(provider);
      SluiceProcess first = up(file);
      URI url = URI.create(first.line().split(" ", -1)[1]);

      List<Integer> counted = submit(url, "counted", "dear", 600);
      List<Integer> paid = submit(url, "paid", "dear", 150);
      assertEquals(100, counted.stream().filter(status -> status == 202).count());
      assertEquals(500, counted.stream().filter(status -> status == 429).count());
      assertEquals(150, paid.stream().filter(status -> status == 202).count());
      first.kill();

      try (SluiceProcess second = up(file)) {
        URI again = URI.create(second.line().split(" ", -1)[1]);
        Eventually.await(
            "all that fits is done",
            LONG,
            () -> used(again, "counted").equals("100 0") && reserved(again, "paid").equals("0"));
        assertRefused(again);
        BigDecimal charged = charged(again, "paid");
        assertTrue(charged.compareTo(new BigDecimal("0.2")) <= 0, charged + " USD");
        assertTrue(charged.compareTo(new BigDecimal("0.198")) >= 0, charged + " USD");
        JsonNode held = get(again, "paid", "/v1/jobs?status=held&limit=100").required("data");
        assertEquals("budget", held.get(0).required("reason").stringValue());
        assertEquals("usd/forever@UTC", held.get(0).required("held_by").stringValue());
        assertEquals(0, second.terminate());
      }
    }
  }

  @Test
  void noMoreRunAtOnceThanTheTenantAndItsTeamMay() throws Exception {
    try (CountingProvider provider = new CountingProvider();
        SluiceProcess sluice = up(configuration(provider))) {
      URI url = URI.create(sluice.line().split(" ", -1)[1]);

      submit(url, "narrow", "dear", 60);
      submit(url, "other", "slim", 30);

      Eventually.await(
          "all jobs done", LONG, () -> provider.calls("dear") + provider.calls("slim") == 90);
      assertEquals(2, provider.mostAtOnce("slim"));
      assertTrue(provider.mostAtOnce("dear") <= 5, provider.mostAtOnce("dear") + " at once");
      assertTrue(provider.mostAtOnce("dear") >= 3, provider.mostAtOnce("dear") + " at once");
      Eventually.await("nothing is reserved", LONG, () -> reserved(url, "narrow").equals("0"));
    }
  }

  @Test
  void aUsedUpBudgetMovesJobsToTheOtherModel() throws Exception {
    try (CountingProvider provider = new CountingProvider();
        SluiceProcess sluice = up(configuration(provider))) {
      URI url = URI.create(sluice.line().split(" ", -1)[1]);

      submit(url, "moved", "dear", 10);

      Eventually.await(
          "all jobs done", LONG, () -> provider.calls("dear") + provider.calls("cheap") == 10);
      assertEquals(3, provider.calls("dear"));
      HttpResponse<String> chat = post(url, "moved", "/v1/chat/completions", "dear");
      assertEquals(200, chat.statusCode(), chat.body());
    }
  }

  private void assertRefused(URI url) throws Exception {
    HttpResponse<String> refused = post(url, "counted", "/v1/chat/completions", "dear");
    assertEquals(429, refused.statusCode(), refused.body());
    assertEquals("false", refused.headers().firstValue("x-should-retry").orElse(""));
    JsonNode error = JsonMapper.shared().readTree(refused.body()).required("error");
    assertEquals("budget_exceeded", error.required("code").stringValue());
    assertEquals("insufficient_quota", error.required("type").stringValue());
  }

  private Path configuration(CountingProvider provider) throws IOException {
    Path keys = Files.createDirectories(folder.resolve("keys"));
    for (String name : List.of("counted", "paid", "narrow", "other", "moved")) {
      Files.writeString(keys.resolve(name), "sk-" + name);
    }
    return Files.writeString(
        folder.resolve("sluice.yaml"),
        CONFIGURATION.replace("KEYS", keys.toString()).replace("URL", provider.url()));
  }

  private SluiceProcess up(Path configuration) {
    return SluiceProcess.start(
        folder,
        "up",
        "-c",
        configuration.toString(),
        "--data=" + folder.resolve("data"),
        "--port=0",
        "--kafka-port=0",
        "--admin-port=0");
  }

  /// Submits jobs from many connections and gives the statuses of the answers.
  private List<Integer> submit(URI url, String key, String model, int jobs) throws Exception {
    Semaphore connections = new Semaphore(CONNECTIONS);
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Integer>> answers = new ArrayList<>();
      for (int i = 0; i < jobs; i++) {
        answers.add(
            callers.submit(() -> {
              connections.acquire();
              try {
                return post(url, key, "/v1/jobs", model).statusCode();
              } finally {
                connections.release();
              }
            }));
      }
      List<Integer> statuses = new ArrayList<>();
      for (Future<Integer> answer : answers) {
        statuses.add(answer.get());
      }
      return statuses;
    }
  }

  private HttpResponse<String> post(URI url, String key, String path, String model)
      throws IOException, InterruptedException {
    String body =
        "{\"model\":\"%s\",\"max_tokens\":10,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}"
            .formatted(model);
    HttpRequest request =
        HttpRequest.newBuilder(url.resolve(path))
            .header("authorization", "Bearer sk-" + key)
            .header("content-type", "application/json")
            .POST(BodyPublishers.ofString(body))
            .build();
    return http.send(request, BodyHandlers.ofString());
  }

  private JsonNode get(URI url, String key, String path) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(url.resolve(path))
            .header("authorization", "Bearer sk-" + key)
            .build();
    HttpResponse<String> answer = http.send(request, BodyHandlers.ofString());
    assertEquals(200, answer.statusCode(), answer.body());
    return JsonMapper.shared().readTree(answer.body());
  }

  private String used(URI url, String key) throws Exception {
    JsonNode quota = get(url, key, "/v1/quotas").required("data").get(0);
    return quota.required("used").asString() + " " + quota.required("reserved").asString();
  }

  private String reserved(URI url, String key) throws Exception {
    return get(url, key, "/v1/quotas").required("data").get(0).required("reserved").asString();
  }

  private BigDecimal charged(URI url, String key) throws Exception {
    JsonNode quota = get(url, key, "/v1/quotas").required("data").get(0);
    BigDecimal used = new BigDecimal(quota.required("used").stringValue());
    Eventually.await(
        "finance sees what the limit counts",
        LONG,
        () -> {
          JsonNode costs = get(url, key, "/v1/costs").required("data");
          return !costs.isEmpty()
              && used.compareTo(new BigDecimal(costs.get(0).required("charged_usd").stringValue()))
                  == 0;
        });
    return used;
  }
}
