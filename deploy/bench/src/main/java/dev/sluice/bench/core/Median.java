package dev.sluice.bench.core;

import java.util.List;

/// The middle of a few runs.
public final class Median {
  private Median() {}

  /// The median; NaN of nothing. A NaN among the values is left out.
  public static double of(List<Double> values) {
    double[] sorted =
        values.stream()
            .mapToDouble(Double::doubleValue)
            .filter(v -> !Double.isNaN(v))
            .sorted()
            .toArray();
    int n = sorted.length;
    return n == 0 ? Double.NaN : (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
  }
}
