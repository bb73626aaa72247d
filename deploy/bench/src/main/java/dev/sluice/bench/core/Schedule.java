package dev.sluice.bench.core;

import java.time.Duration;

/// When each request of an open loop is due. Times are multiples of the interval and never depend
/// on answers, so a stalled target pays for everything it should have taken.
public record Schedule(double perSecond, Duration length) {
  private static final double NANOS_PER_SECOND = 1e9;

  public Schedule {
    if (!(perSecond > 0) || length.isNegative()) {
      throw new IllegalArgumentException(perSecond + " a second for " + length);
    }
  }

  /// How many requests are due before the end.
  public long count() {
    return Math.round(perSecond * length.toNanos() / NANOS_PER_SECOND);
  }

  /// Nanoseconds from the start to when a request is due.
  public long dueNanos(long index) {
    return (long) (index * NANOS_PER_SECOND / perSecond);
  }
}
