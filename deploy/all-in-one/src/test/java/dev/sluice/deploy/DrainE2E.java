package dev.sluice.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.sluice.testkit.Eventually;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// SIGTERM while a provider works on an answer: its caller gets it, and what takes longer than the
/// drain may last is made again after the next start.
class DrainE2E {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final String KEY = "sk-drain";
  private static final String CHAT =
      "{\"model\":\"slow\",\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]}";

  private static final String CONFIGURATION =
      """
      server: {timeouts: {drain: %s}}
      tenants:
        - id: acme
          keys: [{id: ci, secret: "${env:KEY}", scopes: [submit, read, costs]}]
      pools:
        - {id: slow, provider: openai-compatible, base_url: "%s", concurrency: 4}
      models:
        - {id: slow, routes: [{pool: slow, model: m}]}
      prices:
        - {pool: slow, model: m, from: 2020-01-01, input: 1, output: 1}
      """;

  private HeldProvider provider;
  @TempDir private Path folder;

  @BeforeEach
  void openProvider() throws IOException {
    provider = new HeldProvider();
  }

  @AfterEach
  void closeProvider() {
    provider.close();
  }

  @Test
  void aCallThatRunsEndsAndIsAnsweredBeforeTheProcessEnds() throws Exception {
    try (SluiceProcess sluice = up(Duration.ofSeconds(60));
        SluiceCaller caller = new SluiceCaller(sluice.url(), KEY)) {
      var waiting = begin(caller);

      sluice.askToEnd();

      Eventually.await(
          "nothing new is taken", LIMIT, () -> caller.post("/v1/jobs", "{}").statusCode() == 503);
      assertThrows(TimeoutException.class, () -> waiting.get(5, TimeUnit.SECONDS));
      provider.mayAnswer();
      assertEquals("answer 1", text(SluiceCaller.json(waiting.join())));
      assertEquals(0, sluice.exitCode(), sluice.stderr());
      assertEquals(1, provider.calls());
    }
  }

  @Test
  void aCallLongerThanTheDrainIsMadeAgainAndItsJobEndsOnce() throws Exception {
    try (SluiceProcess sluice = up(Duration.ofSeconds(1));
        SluiceCaller caller = new SluiceCaller(sluice.url(), KEY)) {
      var waiting = begin(caller);

      assertEquals(0, sluice.terminate(), sluice.stderr());

      HttpResponse<String> told = waiting.join();
      assertEquals(503, told.statusCode(), told.body());
      assertTrue(told.headers().firstValue("retry-after").isPresent(), told::toString);
    }

    provider.mayAnswer();
    try (SluiceProcess sluice = up(Duration.ofSeconds(1));
        SluiceCaller caller = new SluiceCaller(sluice.url(), KEY)) {
      HttpResponse<String> answer = caller.send(call(caller));
      assertEquals("answer 2", text(SluiceCaller.json(answer)));
      String job = answer.headers().firstValue("x-request-id").orElseThrow();

      assertEquals("succeeded", caller.read("/v1/jobs/" + job).path("status").asString());
      assertEquals(1, caller.read("/v1/jobs").path("data").size());
      assertEquals(List.of("job.succeeded"), ends(caller, job));
      assertOneJobOfTwoAttempts(caller);
      assertEquals(2, provider.calls());
    }
  }

  private SluiceProcess up(Duration drain) throws IOException {
    return SluiceProcess.up(
        folder, CONFIGURATION.formatted(drain, provider.url()), Map.of("KEY", KEY));
  }

  /// A caller that waits for a call which the provider has begun.
  private CompletableFuture<HttpResponse<String>> begin(SluiceCaller caller) throws Exception {
    var waiting = caller.http().sendAsync(call(caller), BodyHandlers.ofString());
    Eventually.await("the call", LIMIT, () -> provider.calls() == 1);
    return waiting;
  }

  private static HttpRequest call(SluiceCaller caller) {
    return caller.posting("/v1/chat/completions", CHAT, "Idempotency-Key", "once");
  }

  private static String text(JsonNode answer) {
    return answer.at("/choices/0/message/content").asString();
  }

  /// Every terminal event of a job.
  private static List<String> ends(SluiceCaller caller, String job) throws Exception {
    return caller
        .get("/v1/jobs/" + job + "/events")
        .body()
        .lines()
        .filter(line -> line.matches("event: job\\.(succeeded|failed|cancelled|expired)"))
        .map(line -> line.substring("event: ".length()))
        .toList();
  }

  private static void assertOneJobOfTwoAttempts(SluiceCaller caller) throws Exception {
    Eventually.await(
        "costs of one job and two attempts",
        LIMIT,
        () -> {
          JsonNode costs = caller.read("/v1/costs?by=model").at("/data/0");
          return costs.path("jobs").asInt() == 1 && costs.path("attempts").asInt() == 2;
        });
  }

  /// Works on every call until it is let go; the answer says which call it is to.
  private static final class HeldProvider implements AutoCloseable {
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final AtomicInteger calls = new AtomicInteger();
    private final CountDownLatch mayAnswer = new CountDownLatch(1);
    private final HttpServer server;

    HeldProvider() throws IOException {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
      server.createContext("/v1/chat/completions", this::answer);
      server.setExecutor(threads);
      server.start();
    }

    String url() {
      return "http://127.0.0.1:" + server.getAddress().getPort() + "/v1";
    }

    int calls() {
      return calls.get();
    }

    void mayAnswer() {
      mayAnswer.countDown();
    }

    private void answer(HttpExchange exchange) throws IOException {
      try (exchange) {
        int call = calls.incrementAndGet();
        mayAnswer.await();
        byte[] answer =
            """
            {"id":"x","object":"chat.completion","model":"m",
             "choices":[{"index":0,"message":{"role":"assistant","content":"answer %d"},
                         "finish_reason":"stop"}],
             "usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}
            """
                .formatted(call)
                .getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("content-type", "application/json");
        exchange.sendResponseHeaders(200, answer.length);
        exchange.getResponseBody().write(answer);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    @Override
    public void close() {
      server.stop(0);
      threads.shutdownNow();
    }
  }
}
