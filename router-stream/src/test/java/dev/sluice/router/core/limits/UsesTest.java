package dev.sluice.router.core.limits;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.contract.model.Limit.Period;
import dev.sluice.contract.model.Limit.Window;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UsesTest {
  private static final Instant NOW = Instant.parse("2026-11-21T08:00:00Z");
  private static final Window MINUTE = new Window.Rolling(Duration.ofMinutes(1));

  @Test
  void whatWasUsedInTheLastMinuteCountsUntilItsLastMomentIsAMinuteOld() {
    Uses uses = new Uses(MINUTE);
    uses.add(uses.bucket(NOW.plusMillis(99)), 5);
    uses.add(uses.bucket(NOW.plusMillis(100)), 7);

    assertEquals(12, uses.sum(NOW.plusMillis(60_099)));
    assertEquals(7, uses.sum(NOW.plusMillis(60_100)));
    assertEquals(0, uses.sum(NOW.plusMillis(60_200)));
  }

  @Test
  void saysWhenEnoughWillHaveLeft() {
    Uses uses = new Uses(MINUTE);
    uses.add(uses.bucket(NOW), 5);
    uses.add(uses.bucket(NOW.plusSeconds(10)), 5);

    assertEquals(Optional.of(NOW), uses.leaves(0, NOW));
    assertEquals(Optional.of(NOW.plusMillis(60_100)), uses.leaves(5, NOW.plusSeconds(20)));
    assertEquals(Optional.of(NOW.plusMillis(70_100)), uses.leaves(6, NOW.plusSeconds(20)));
    assertEquals(Optional.empty(), uses.leaves(11, NOW.plusSeconds(20)));
  }

  @Test
  void whatHasLeftTheWindowIsNeitherAddedNorTakenBack() {
    Uses uses = new Uses(MINUTE);
    long old = uses.bucket(NOW);
    uses.add(old, 5);

    assertEquals(0, uses.sum(NOW.plusSeconds(100)));
    uses.add(old, -5);
    uses.add(old, 3);
    assertEquals(0, uses.sum(NOW.plusSeconds(100)));
  }

  @ParameterizedTest
  @CsvSource({
    "HOUR, UTC, 2026-11-21T08:59:59Z, 2026-11-21T09:00:00Z",
    "DAY, Europe/Berlin, 2026-11-21T22:59:59Z, 2026-11-21T23:00:00Z",
    // The day on which Berlin's clocks go back has 25 hours.
    "DAY, Europe/Berlin, 2026-10-25T22:59:59Z, 2026-10-25T23:00:00Z",
    "WEEK, UTC, 2026-11-22T23:59:59Z, 2026-11-23T00:00:00Z",
    "MONTH, America/New_York, 2026-12-01T04:59:59Z, 2026-12-01T05:00:00Z",
    "YEAR, Asia/Tokyo, 2026-12-31T14:59:59Z, 2026-12-31T15:00:00Z",
  })
  void aPeriodEndsWhereItsZoneSays(Period period, String zone, Instant last, Instant next) {
    Uses uses = new Uses(new Window.Calendar(period, ZoneId.of(zone)));
    uses.add(uses.bucket(last), 5);

    assertEquals(5, uses.sum(last));
    assertEquals(Optional.of(next), uses.leaves(1, last));
    assertEquals(0, uses.sum(next));
  }

  @Test
  void anAnswerMayBeChargedToThePeriodBefore() {
    Uses uses = new Uses(new Window.Calendar(Period.DAY, ZoneId.of("UTC")));
    Instant midnight = Instant.parse("2026-11-22T00:00:00Z");
    assertEquals(0, uses.sum(midnight));
    uses.add(uses.bucket(midnight.minusMillis(1)), 5);
    uses.add(uses.bucket(midnight), 2);

    assertEquals(2, uses.sum(midnight));
    assertEquals(2, uses.kept(midnight).size());
  }

  @Test
  void foreverNeverBeginsAnew() {
    Uses uses = new Uses(new Window.Calendar(Period.FOREVER, ZoneId.of("UTC")));
    uses.add(uses.bucket(NOW), 5);

    assertEquals(5, uses.sum(NOW.plus(Duration.ofDays(3_650))));
    assertEquals(Optional.empty(), uses.leaves(1, NOW));
  }
}
