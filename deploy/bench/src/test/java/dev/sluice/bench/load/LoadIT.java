package dev.sluice.bench.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.bench.core.Schedule;
import dev.sluice.bench.mock.MockAnswers;
import dev.sluice.bench.mock.MockProvider;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LoadIT {
  private final MockProvider mock = open();
  private final HttpClient http = HttpClient.newHttpClient();

  private static MockProvider open() {
    try {
      return new MockProvider(0);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @AfterEach
  void close() throws IOException {
    http.close();
    mock.close();
  }

  private Target target(String body, Expectation expectation) throws IOException {
    URI url = URI.create("http://127.0.0.1:" + mock.port() + "/v1/chat/completions");
    return Target.post(url, Map.of(), body, expectation);
  }

  @Test
  void countsEachRightAnswerOnce() throws Exception {
    Target target = target("{}", new Expectation(200, MockAnswers.PLAIN_BYTES, 0));

    LoadResult result = ClosedLoop.times(target, 4, 100);

    assertEquals(100, result.latency().count());
    assertEquals(Map.of(), result.wrong());
  }

  @Test
  void countsTheEventsOfAStreamAndItsFirstToken() throws Exception {
    Target target = target("{\"stream\": true}", new Expectation(200, 100, MockAnswers.EVENTS));

    LoadResult result = OpenLoop.run(target, new Schedule(100, Duration.ofMillis(500)), 4);

    assertEquals(Map.of(), result.wrong());
    assertEquals(50, result.firstContent().count());
    assertTrue(result.firstContent().p50() <= result.latency().p50());
  }

  @Test
  void aStreamCanBeMadeLongAndTakeItsTime() throws Exception {
    get("/control?events=500&over=100");
    Target target = target("{\"stream\": true}", new Expectation(200, 100, 500));

    LoadResult result = ClosedLoop.times(target, 2, 4);

    assertEquals(Map.of(), result.wrong());
    assertTrue(result.latency().p50() >= 90, () -> "it took " + result.latency().p50());
    assertTrue(result.firstContent().p50() < result.latency().p50());
  }

  @Test
  void whoHangsUpAfterTheFirstEventKnowsWhichItWas() throws Exception {
    Target target = target("{\"stream\": true}", new Expectation(200, 0, 0));
    URI server = URI.create("http://127.0.0.1:" + mock.port());
    Pattern created = Pattern.compile("\"created\":(\\d+)");

    assertTrue(FirstEvent.nanos(server, target.request(), created, 1_790_000_000).isPresent());
    assertTrue(FirstEvent.nanos(server, target.request(), created, 1).isEmpty());
  }

  @Test
  void aReceiverNotesTheFirstCallbackOfEachJob() throws Exception {
    String job = "job_" + "0".repeat(26);
    try (HookReceiver receiver = new HookReceiver()) {
      Target target =
          Target.post(
              receiver.url(),
              Map.of(),
              "{\"data\":{\"id\":\"%s\"}}".formatted(job),
              new Expectation(204, 0, 0));

      LoadResult result = ClosedLoop.times(target, 1, 2);

      assertEquals(Map.of(), result.wrong());
      assertEquals(Set.of(job), receiver.receivedAt().keySet());
      assertEquals(2, receiver.calls());
    }
  }

  @Test
  void aWrongAnswerIsCountedByItsReasonAndNotTimed() throws Exception {
    Target target = target("{}", new Expectation(202, 0, 0));

    LoadResult result = ClosedLoop.times(target, 1, 3);

    assertEquals(Map.of("status 200", 3L), result.wrong());
    assertEquals(0, result.latency().count());
  }

  @Test
  void goesOnSendingWhileNothingIsAnsweredAndCountsTheWholeWait() throws Exception {
    Target target = target("{}", new Expectation(200, MockAnswers.PLAIN_BYTES, 0));
    get("/control?hold=true");

    CompletableFuture<LoadResult> running =
        CompletableFuture.supplyAsync(() -> run(target, new Schedule(100, Duration.ofMillis(200))));
    long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (!get("/count").equals("20") && System.nanoTime() - deadline < 0) {
      Thread.onSpinWait();
    }
    get("/control?hold=false");
    LoadResult result = running.get(30, TimeUnit.SECONDS);

    assertEquals(20, result.latency().count());
    assertTrue(result.latency().max() >= 190, () -> "the first waited " + result.latency().max());
  }

  private static LoadResult run(Target target, Schedule schedule) {
    try {
      return OpenLoop.run(target, schedule, 1);
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private String get(String path) throws IOException, InterruptedException {
    URI url = URI.create("http://127.0.0.1:" + mock.port() + path);
    return http.send(HttpRequest.newBuilder(url).build(), BodyHandlers.ofString()).body();
  }
}
