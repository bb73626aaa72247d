package dev.sluice.metering.core;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;

/// The periods that are totalled, in UTC.
public enum Period {
  HOURLY,
  DAILY,
  MONTHLY;

  /// Start of the period that holds an instant.
  public Instant startOf(Instant at) {
    return switch (this) {
      case HOURLY -> at.truncatedTo(ChronoUnit.HOURS);
      case DAILY -> at.truncatedTo(ChronoUnit.DAYS);
      case MONTHLY ->
          at.atOffset(ZoneOffset.UTC).withDayOfMonth(1).truncatedTo(ChronoUnit.DAYS).toInstant();
    };
  }
}
