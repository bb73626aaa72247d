package dev.sluice.deploy.failure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.deploy.AllInOne;
import dev.sluice.deploy.InThisJvm;
import dev.sluice.deploy.WholeSluice;
import dev.sluice.testkit.Eventually;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A whole Sluice whose providers go away, come back, and limit their rate.
@InThisJvm
class FailoverIT {
  private static final String CONFIGURATION =
      """
      tenants:
        - id: acme
          keys: [{id: ci, secret: "${env:CI_KEY}", scopes: [submit, read, cancel, costs]}]
      pools:
        - {id: first, provider: openai-compatible, base_url: "FIRST", concurrency: 16}
        - {id: second, provider: openai-compatible, base_url: "SECOND", concurrency: 16}
        - {id: limited, provider: openai-compatible, base_url: "LIMITED", concurrency: 64}
      models:
        - id: fast
          routes: [{pool: first, model: x}]
          fallback: [{pool: second, model: x, when: [down, timeout]}]
        - {id: alone, routes: [{pool: first, model: x}]}
        - {id: paced, routes: [{pool: limited, model: x}]}
      """;

  private static final int LIMIT_A_SECOND = 40;
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String KEY = "sk-acme";

  private static RisingProvider first;
  private static RisingProvider second;
  private static RisingProvider limited;
  private static AllInOne sluice;
  private static AllInOne.Ready ready;
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  @BeforeAll
  static void serves(@TempDir Path folder) throws Exception {
    first = new RisingProvider("first");
    second = new RisingProvider("second");
    limited = new RisingProvider("limited", LIMIT_A_SECOND);
    String configuration =
        CONFIGURATION
            .replace("FIRST", first.url())
            .replace("SECOND", second.url())
            .replace("LIMITED", limited.url());
    sluice = WholeSluice.in(folder, configuration, Map.of("CI_KEY", KEY));
    ready = sluice.start();
  }

  @AfterAll
  static void stops() {
    sluice.close();
    first.close();
    second.close();
    limited.close();
    CLIENT.close();
  }

  @Test
  void callsFailOverAtOnceAndHeldJobsGoOnWhenTheProviderIsBack() throws Exception {
    for (int warm = 0; warm < 20; warm++) {
      assertEquals("first", text(chat()));
    }

    first.fall();
    long fell = System.nanoTime();
    assertEquals("second", text(chat()));
    long failover = millisBetween(fell, second.calls.getFirst());
    List<Long> after = new ArrayList<>();
    for (int call = 0; call < 30; call++) {
      long sent = System.nanoTime();
      assertEquals("second", text(chat()));
      after.add(millisBetween(sent, System.nanoTime()));
    }
    after.sort(null);
    System.out.printf(
        "failover %d ms; calls after it: median %d ms, slowest %d ms%n",
        failover, after.get(after.size() / 2), after.getLast());
    assertEquals(1.0, metric("sluice_worker_breaker_open{pool=\"first\"}"));

    String job = submit("alone");
    await(job, "held");
    first.rise();
    long rose = System.nanoTime();
    await(job, "succeeded");
    long back = millisBetween(rose, System.nanoTime());
    System.out.printf("traffic back after %d ms%n", back);
    Eventually.await("the first again", PATIENCE, () -> text(chat()).equals("first"));
  }

  @Test
  void atTwiceTheLoadLessThanOnePercentOfCallsIsRefused() throws Exception {
    int seconds = 8;
    int count = 2 * LIMIT_A_SECOND * seconds;
    List<CompletableFuture<HttpResponse<String>>> sent = new ArrayList<>();
    long begun = System.nanoTime();
    for (int job = 0; job < count; job++) {
      long due = begun + job * 1_000_000_000L / (2 * LIMIT_A_SECOND);
      Eventually.await("its time", PATIENCE, () -> System.nanoTime() >= due);
      sent.add(CLIENT.sendAsync(jobRequest("paced"), BodyHandlers.ofString()));
    }
    for (var answer : sent) {
      assertEquals(202, answer.get().statusCode());
    }
    Eventually.await(
        "all calls", PATIENCE, () -> limited.calls.size() - limited.refused.size() == count);
    double took = millisBetween(begun, limited.calls.getLast()) / 1e3;
    double used = count / (LIMIT_A_SECOND * (took + 2));
    System.out.printf(
        "%d calls in %.1f s, %d refused, %.0f %% of the allowance used%n",
        limited.calls.size(), took, limited.refused.size(), 100 * used);
    assertTrue(limited.refused.size() * 100 < limited.calls.size(), limited.refused::toString);
  }

  private static long millisBetween(long from, long to) {
    return Duration.ofNanos(to - from).toMillis();
  }

  private static HttpRequest.Builder to(String path) {
    return HttpRequest.newBuilder(URI.create("http://" + ready.http() + path))
        .header("authorization", "Bearer " + KEY)
        .header("content-type", "application/json");
  }

  private static String chat() throws Exception {
    return CLIENT
        .send(
            to("/v1/chat/completions")
                .POST(
                    BodyPublishers.ofString(
                        "{\"model\":\"fast\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}"))
                .build(),
            BodyHandlers.ofString())
        .body();
  }

  private static String text(String answer) {
    return json(answer).at("/choices/0/message/content").asString(answer);
  }

  private static HttpRequest jobRequest(String model) {
    return to("/v1/jobs")
        .POST(
            BodyPublishers.ofString(
                "{\"model\":\"%s\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}"
                    .formatted(model)))
        .build();
  }

  private static String submit(String model) throws Exception {
    return json(CLIENT.send(jobRequest(model), BodyHandlers.ofString()).body())
        .path("id")
        .asString();
  }

  private static void await(String job, String status) throws Exception {
    Eventually.await(
        job + " " + status,
        PATIENCE,
        () -> {
          String body =
              CLIENT.send(to("/v1/jobs/" + job).GET().build(), BodyHandlers.ofString()).body();
          return json(body).path("status").asString().equals(status);
        });
  }

  private static double metric(String name) throws Exception {
    URI metrics = URI.create("http://" + ready.admin() + "/metrics");
    return CLIENT
        .send(HttpRequest.newBuilder(metrics).GET().build(), BodyHandlers.ofString())
        .body()
        .lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
        .findFirst()
        .orElseThrow();
  }

  private static JsonNode json(String text) {
    return JsonMapper.shared().readTree(text);
  }
}
