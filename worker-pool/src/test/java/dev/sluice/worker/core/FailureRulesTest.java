package dev.sluice.worker.core;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.contract.model.ErrorCode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FailureRulesTest {
  private static final Instant NOW = Instant.parse("2026-11-21T08:00:00Z");

  @ParameterizedTest
  @CsvSource({
    "429, '', THROTTLED, PROVIDER_THROTTLED",
    "401, '', INVALID_KEY, PROVIDER_KEY_REJECTED",
    "403, '', INVALID_KEY, PROVIDER_KEY_REJECTED",
    "400, '', REFUSED, PROVIDER_REFUSED",
    "404, '', REFUSED, PROVIDER_REFUSED",
    "422, '', REFUSED, PROVIDER_REFUSED",
    "400, context_length_exceeded, TOO_LONG, CONTEXT_LENGTH_EXCEEDED",
    "400, 'This model has a Maximum context length of 8192', TOO_LONG, CONTEXT_LENGTH_EXCEEDED",
    "413, '', TOO_LONG, CONTEXT_LENGTH_EXCEEDED",
    "408, '', TIMEOUT, PROVIDER_TIMEOUT",
    "500, '', DOWN, PROVIDER_DOWN",
    "503, '', DOWN, PROVIDER_DOWN",
    "529, '', DOWN, PROVIDER_DOWN",
    "302, '', BAD_ANSWER, PROVIDER_BAD_ANSWER",
  })
  void namesTheCauseOfEachStatus(int status, String body, Cause cause, ErrorCode code) {
    Failure failure = FailureRules.ofStatus(status, Optional.empty(), utf8(body), NOW);

    assertEquals(cause, failure.cause());
    assertEquals(code, failure.code());
    assertEquals(status, failure.providerStatus());
  }

  @Test
  void keepsAtMostSixteenKibibytesOfAnErrorBody() {
    Failure failure = FailureRules.ofStatus(500, Optional.empty(), new byte[100_000], NOW);

    assertEquals(16 * 1024, failure.body().orElseThrow().remaining());
  }

  @ParameterizedTest
  @CsvSource({
    "rate_limit_exceeded, THROTTLED",
    "overloaded_error, THROTTLED",
    "context_length_exceeded, TOO_LONG",
    "invalid_api_key, INVALID_KEY",
    "invalid_request_error, REFUSED",
    "server_error, DOWN",
    "'', DOWN",
  })
  void namesTheCauseOfAnErrorInsideAnAnswer(String word, Cause cause) {
    assertEquals(cause, FailureRules.ofErrorObject(word, new byte[0]).cause());
  }

  @ParameterizedTest
  @CsvSource({
    "2, PT2S",
    "' 2 ', PT2S",
    "0, PT0S",
    "1.5, PT1.5S",
    "999999999, PT1H",
    "1e999, PT1H",
    "'Sat, 21 Nov 2026 08:00:30 GMT', PT30S",
    "'Sat, 21 Nov 2026 07:00:00 GMT', PT0S",
    "'Sat, 21 Nov 2037 08:00:30 GMT', PT1H",
  })
  void readsRetryAfterInEverySpelling(String header, Duration expected) {
    assertEquals(Optional.of(expected), RetryAfter.parse(header, NOW));
  }

  @ParameterizedTest
  @CsvSource({"soon", "-5", "''", "12abc", "NaN"})
  void ignoresARetryAfterThatMeansNothing(String header) {
    assertEquals(Optional.empty(), RetryAfter.parse(header, NOW));
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
