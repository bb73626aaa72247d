package dev.sluice.contract.model;

import java.time.Duration;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;

/// How long things took, as counts by length: each step is 19 % longer than the one before, so that
/// sums of any parts keep their quantiles to a fifth.
///
/// @param count how many
/// @param sumMillis how long together, ms
/// @param steps how many of each step; step n ends at 2^(n/4) ms
public record Spread(long count, long sumMillis, Map<Integer, Long> steps) {
  public static final Spread NOTHING = new Spread(0, 0, Map.of());

  private static final int STEPS_PER_DOUBLING = 4;

  public Spread {
    steps = Map.copyOf(steps);
  }

  /// The same with one more; less than a millisecond counts as one.
  public Spread plus(Duration length) {
    long millis = Math.max(1, length.toMillis());
    int step = (int) Math.ceil(Math.log((double) millis) / Math.log(2) * STEPS_PER_DOUBLING);
    return plus(new Spread(1, millis, Map.of(step, 1L)));
  }

  public Spread plus(Spread other) {
    Map<Integer, Long> sum = new TreeMap<>(steps);
    other.steps.forEach((step, times) -> sum.merge(step, times, Math::addExact));
    return new Spread(count + other.count, sumMillis + other.sumMillis, sum);
  }

  /// Mean, ms; empty when there is none.
  public OptionalLong mean() {
    return count == 0
        ? OptionalLong.empty()
        : OptionalLong.of(Math.round((double) sumMillis / count));
  }

  /// The end of the step below which that part of them lies, ms; empty when there is none.
  ///
  /// @param part 0..1
  public OptionalLong quantile(double part) {
    long wanted = Math.max(1, (long) Math.ceil((double) count * part));
    long seen = 0;
    for (Map.Entry<Integer, Long> step : new TreeMap<>(steps).entrySet()) {
      seen += step.getValue();
      if (seen >= wanted) {
        double end = Math.pow(2, (double) step.getKey() / STEPS_PER_DOUBLING);
        return OptionalLong.of(Math.round(end));
      }
    }
    return OptionalLong.empty();
  }
}
