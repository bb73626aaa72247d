package dev.sluice.ingress.core;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CostPeriodTest {
  private static final Instant NOW = Instant.parse("2026-11-21T10:30:00Z");

  @ParameterizedTest(name = "{0} to {1}: {2}")
  @CsvSource({
    "2026-10-01T00:00:00Z, 2026-11-01T00:00:00Z, MONTH",
    "2026-10-01T00:00:00Z, 2026-11-21T10:30:00Z, MONTH",
    "2026-10-01T00:00:00Z, 2026-11-21T10:29:59.5Z, MONTH",
    "2026-10-01T00:00:00Z, 2027-01-01T00:00:00Z, MONTH",
    "2026-10-01T00:00:00Z, 2026-11-02T00:00:00Z, DAY",
    "2026-10-02T00:00:00Z, 2026-11-01T00:00:00Z, DAY",
    "2026-10-02T00:00:00Z, 2026-11-21T10:30:00Z, DAY",
    "2026-10-01T00:00:00Z, 2026-11-21T09:00:00Z, HOUR",
    "2026-10-01T01:00:00Z, 2026-11-01T00:00:00Z, HOUR",
    "2026-11-21T09:00:00Z, 2026-11-21T10:30:00Z, HOUR",
  })
  void takesTheLongestPeriodsThatFit(Instant from, Instant to, CostPeriod expected) {
    assertEquals(expected, CostPeriod.of(from, to, NOW));
  }
}
