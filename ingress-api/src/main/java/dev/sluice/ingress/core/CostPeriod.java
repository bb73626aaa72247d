package dev.sluice.ingress.core;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;

/// The totals that a range of time is answered from: the longest periods that fit into it, since
/// they are the fewest.
public enum CostPeriod {
  HOUR,
  DAY,
  MONTH;

  /// An end so close to the present means it.
  private static final Duration NOW = Duration.ofSeconds(1);

  /// Periods in UTC that begin with `from` and end with `to`, or go on where `to` is the present.
  public static CostPeriod of(Instant from, Instant to, Instant now) {
    boolean open = !to.isBefore(now.minus(NOW));
    if (beginsDay(from) && (open || beginsDay(to))) {
      return beginsMonth(from) && (open || beginsMonth(to)) ? MONTH : DAY;
    }
    return HOUR;
  }

  private static boolean beginsDay(Instant at) {
    return at.equals(at.truncatedTo(ChronoUnit.DAYS));
  }

  private static boolean beginsMonth(Instant at) {
    return at.atOffset(ZoneOffset.UTC).getDayOfMonth() == 1;
  }
}
