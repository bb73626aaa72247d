package dev.sluice.bench.core;

import java.util.Collection;

/// How equally something is shared, by one number.
public final class Jain {
  private Jain() {}

  /// Jain's index: 1 when all have the same, 1/n when one of n has all; NaN of nothing.
  public static double of(Collection<Long> amounts) {
    double sum = amounts.stream().mapToDouble(Long::doubleValue).sum();
    double squares = amounts.stream().mapToDouble(amount -> (double) amount * amount).sum();
    return sum * sum / (amounts.size() * squares);
  }
}
