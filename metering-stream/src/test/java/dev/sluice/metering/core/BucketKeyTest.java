package dev.sluice.metering.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BucketKeyTest {
  private static final Instant START = Instant.parse("2026-11-21T08:00:00Z");

  @ParameterizedTest(name = "{0} of {1} begins {2}")
  @CsvSource({
    "HOURLY, 2026-11-21T08:59:59.999Z, 2026-11-21T08:00:00Z",
    "HOURLY, 2026-11-21T09:00:00Z, 2026-11-21T09:00:00Z",
    "DAILY, 2026-11-21T23:59:59.999Z, 2026-11-21T00:00:00Z",
    "MONTHLY, 2026-11-30T23:59:59.999Z, 2026-11-01T00:00:00Z",
    "MONTHLY, 2024-02-29T12:00:00Z, 2024-02-01T00:00:00Z",
    "MONTHLY, 2026-01-01T00:00:00Z, 2026-01-01T00:00:00Z"
  })
  void periodsBeginInUtc(Period period, Instant at, Instant start) {
    assertEquals(start, period.startOf(at));
  }

  @Test
  void textIsReadable() {
    assertEquals(
        "2026-11-21T08:00:00Z|acme|gpt-4o|ci|app=web,team=search",
        key("acme", "gpt-4o", "ci", Map.of("team", "search", "app", "web")).text());
  }

  @Test
  void equalGroupsHaveEqualText() {
    Map<String, String> tags = new LinkedHashMap<>();
    tags.put("b", "2");
    tags.put("a", "1");

    assertEquals(
        key("t", "m", "k", Map.of("a", "1", "b", "2")).text(), key("t", "m", "k", tags).text());
  }

  @Test
  void separatorsInNamesMakeNoTwoGroupsEqual() {
    assertNotEquals(key("a|b", "c", "", Map.of()).text(), key("a", "b|c", "", Map.of()).text());
    assertNotEquals(
        key("t", "m", "k", Map.of("a", "1,b=2")).text(),
        key("t", "m", "k", Map.of("a", "1", "b", "2")).text());
  }

  private static BucketKey key(
      String tenant, String model, String keyId, Map<String, String> tags) {
    return new BucketKey(Period.HOURLY, START, tenant, model, keyId, tags);
  }
}
