package dev.sluice.worker.core;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RateLimitsTest {
  private static final Instant NOW = Instant.parse("2026-11-21T08:00:00Z");

  @Test
  void readsOpenAisHeaders() {
    RateLimits limits =
        read(Map.of(
                "x-ratelimit-limit-requests", "60",
                "x-ratelimit-remaining-requests", "59",
                "x-ratelimit-reset-requests", "1s",
                "x-ratelimit-limit-tokens", "150000",
                "x-ratelimit-remaining-tokens", "149984",
                "x-ratelimit-reset-tokens", "6m0s"))
            .orElseThrow();

    assertEquals(
        Optional.of(new RateLimits.Window(60, 59, Duration.ofSeconds(1))), limits.requests());
    assertEquals(
        List.of(new RateLimits.Window(150_000, 149_984, Duration.ofMinutes(6))), limits.tokens());
  }

  @Test
  void readsAnthropicsHeaders() {
    RateLimits limits =
        read(Map.of(
                "anthropic-ratelimit-requests-limit", "50",
                "anthropic-ratelimit-requests-remaining", "49",
                "anthropic-ratelimit-requests-reset", "2026-11-21T08:00:02Z",
                "anthropic-ratelimit-input-tokens-limit", "40000",
                "anthropic-ratelimit-input-tokens-remaining", "39000",
                "anthropic-ratelimit-input-tokens-reset", "2026-11-21T08:00:01Z",
                "anthropic-ratelimit-output-tokens-limit", "8000",
                "anthropic-ratelimit-output-tokens-remaining", "8000",
                "anthropic-ratelimit-output-tokens-reset", "2026-11-21T08:00:00Z"))
            .orElseThrow();

    assertEquals(
        Optional.of(new RateLimits.Window(50, 49, Duration.ofSeconds(2))), limits.requests());
    assertEquals(
        List.of(
            new RateLimits.Window(40_000, 39_000, Duration.ofSeconds(1)),
            new RateLimits.Window(8_000, 8_000, Duration.ZERO)),
        limits.tokens());
  }

  @Test
  void saysNothingWhereTheProviderSaysNothing() {
    assertEquals(Optional.empty(), read(Map.of("x-ratelimit-limit-requests", "60")));
  }

  @ParameterizedTest
  @CsvSource({
    "20ms, 20",
    "1s, 1000",
    "6m0s, 360000",
    "1h2m3.5s, 3723500",
    "2.5, 2500",
    "1795248001, 1000",
    "2026-11-21T08:00:03Z, 3000",
    "2026-11-21T07:59:00Z, 0",
    "400d, 86400000"
  })
  void readsAResetInEveryForm(String text, long millis) {
    assertEquals(Optional.of(Duration.ofMillis(millis)), RateLimits.duration(text, NOW));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "soon", "-1", "1x", "99999999999999999999999999999999999999999"})
  void whatCannotBeReadIsNoReset(String text) {
    assertEquals(Optional.empty(), RateLimits.duration(text, NOW));
  }

  private static Optional<RateLimits> read(Map<String, String> headers) {
    return RateLimits.read(name -> Optional.ofNullable(headers.get(name)), NOW);
  }
}
