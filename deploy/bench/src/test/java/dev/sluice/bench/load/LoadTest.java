package dev.sluice.bench.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.bench.core.Schedule;
import dev.sluice.bench.mock.MockAnswers;
import dev.sluice.bench.mock.MockProvider;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LoadTest {
  private final MockProvider mock = open();

  private static MockProvider open() {
    try {
      return new MockProvider(0);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @AfterEach
  void close() throws IOException {
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
  void aWrongAnswerIsCountedByItsReasonAndNotTimed() throws Exception {
    Target target = target("{}", new Expectation(202, 0, 0));

    LoadResult result = ClosedLoop.times(target, 1, 3);

    assertEquals(Map.of("status 200", 3L), result.wrong());
    assertEquals(0, result.latency().count());
  }

  @Test
  void aStalledTargetPaysForEverythingThatWasDue() throws Exception {
    Target control =
        Target.post(
            URI.create("http://127.0.0.1:" + mock.port() + "/control?delay=400"),
            Map.of(),
            "",
            new Expectation(204, 0, 0));
    Target target = target("{}", new Expectation(200, MockAnswers.PLAIN_BYTES, 0));

    ClosedLoop.times(control, 1, 1);
    LoadResult result = OpenLoop.run(target, new Schedule(100, Duration.ofMillis(200)), 1);

    assertEquals(20, result.latency().count());
    assertTrue(result.latency().p50() >= 399, () -> "p50 " + result.latency().p50());
  }
}
