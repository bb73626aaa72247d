package dev.sluice.router.core.limits;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.contract.model.Limit;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// Sums beyond what can be counted leave nothing.
class MeterTest {
  private static final Instant NOW = Instant.parse("2026-11-21T08:00:00Z");
  private static final long BUDGET = Limit.picoUsd(BigDecimal.TEN);
  private static final long ABSURD = Limit.picoUsd(BigDecimal.valueOf(5_000_000));

  private final Meter meter =
      new Meter(
          new Limit(
              new Limit.Part.Whole(),
              Limit.Unit.USD,
              new Limit.Window.Calendar(Limit.Period.MONTH, ZoneOffset.UTC),
              BUDGET,
              Limit.OnExceeded.DOWNGRADE,
              Optional.of("cheap")),
          "budget",
          Map.of(),
          0);

  @Test
  void reservationsLeaveNothingHoweverManyTheyAre() {
    Meter.Share share = meter.reserves(ABSURD);
    meter.take(share);
    assertEquals(0, meter.left(NOW));
    meter.take(share);
    assertEquals(0, meter.left(NOW));

    meter.giveBack(share);
    meter.giveBack(share);
    assertEquals(BUDGET, meter.left(NOW));
  }

  @Test
  void whatIsUsedAndWhatIsReservedLeaveNothingTogether() {
    meter.take(meter.at(NOW, Long.MAX_VALUE));
    assertEquals(0, meter.left(NOW));
    meter.take(meter.reserves(BUDGET));

    assertEquals(0, meter.left(NOW));
  }

  @Test
  void usesLeaveNothingHoweverLargeTheyAre() {
    meter.take(meter.at(NOW, Long.MAX_VALUE));
    meter.take(meter.at(NOW, Long.MAX_VALUE));

    assertEquals(0, meter.left(NOW));
  }
}
