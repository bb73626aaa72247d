package dev.sluice.bench.core;

import java.util.List;
import java.util.function.ToDoubleFunction;
import org.HdrHistogram.Histogram;

/// Quantiles of one run, or a difference of two runs, in milliseconds. Those beyond the 90th are
/// NaN when there are too few samples to say them.
public record Percentiles(long count, double p50, double p90, double p99, double p999, double max) {
  /// Below this no 99th percentile is stated.
  static final long ENOUGH = 1_000;

  private static final double NANOS_PER_MILLI = 1e6;

  public static Percentiles ofNanos(Histogram nanos) {
    long count = nanos.getTotalCount();
    boolean enough = count >= ENOUGH;
    return new Percentiles(
        count,
        millis(nanos, 50),
        millis(nanos, 90),
        enough ? millis(nanos, 99) : Double.NaN,
        enough ? millis(nanos, 99.9) : Double.NaN,
        count == 0 ? Double.NaN : nanos.getMaxValue() / NANOS_PER_MILLI);
  }

  private static double millis(Histogram nanos, double percentile) {
    return nanos.getTotalCount() == 0
        ? Double.NaN
        : nanos.getValueAtPercentile(percentile) / NANOS_PER_MILLI;
  }

  /// What was added: the difference of the same percentile, never a percentile of differences.
  public Percentiles minus(Percentiles direct) {
    return new Percentiles(
        Math.min(count, direct.count),
        p50 - direct.p50,
        p90 - direct.p90,
        p99 - direct.p99,
        p999 - direct.p999,
        max - direct.max);
  }

  /// The median of each percentile over rounds.
  public static Percentiles median(List<Percentiles> rounds) {
    return new Percentiles(
        rounds.stream().mapToLong(Percentiles::count).sum(),
        middle(rounds, Percentiles::p50),
        middle(rounds, Percentiles::p90),
        middle(rounds, Percentiles::p99),
        middle(rounds, Percentiles::p999),
        middle(rounds, Percentiles::max));
  }

  private static double middle(List<Percentiles> rounds, ToDoubleFunction<Percentiles> part) {
    return Median.of(rounds.stream().map(part::applyAsDouble).toList());
  }
}
