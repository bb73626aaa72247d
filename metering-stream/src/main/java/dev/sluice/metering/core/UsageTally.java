package dev.sluice.metering.core;

import dev.sluice.metering.core.CostLine.Attempt;
import dev.sluice.metering.core.CostLine.Charge;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.Map;

/// Running total of one period and group. Lines may be added in any order.
///
/// @param tokens of the charged answers, by kind
/// @param charged sum of the priced charges, USD
/// @param owed sum of the priced attempts, USD
/// @param jobs charges
/// @param attempts calls to providers
/// @param unpriced lines without a price
/// @param gpuMicros GPU time of the attempts, GPU-microseconds
public record UsageTally(
    Map<String, Long> tokens,
    BigDecimal charged,
    BigDecimal owed,
    long jobs,
    long attempts,
    long unpriced,
    long gpuMicros) {
  public static final UsageTally EMPTY =
      new UsageTally(Map.of(), BigDecimal.ZERO, BigDecimal.ZERO, 0, 0, 0, 0);

  public UsageTally {
    tokens = Map.copyOf(tokens);
  }

  public UsageTally plus(CostLine line) {
    long missing = line.amount() instanceof Amount.Unpriced ? 1 : 0;
    return switch (line) {
      case Attempt(_, Amount amount, long time) ->
          new UsageTally(
              tokens,
              charged,
              owed.add(known(amount)),
              jobs,
              attempts + 1,
              unpriced + missing,
              Math.addExact(gpuMicros, time));
      case Charge(_, Amount amount, Map<String, Long> used) ->
          new UsageTally(
              sum(tokens, used),
              charged.add(known(amount)),
              owed,
              jobs + 1,
              attempts,
              unpriced + missing,
              gpuMicros);
    };
  }

  private static BigDecimal known(Amount amount) {
    return switch (amount) {
      case Amount.Usd(BigDecimal value) -> value;
      case Amount.Unpriced _ -> BigDecimal.ZERO;
    };
  }

  private static Map<String, Long> sum(Map<String, Long> left, Map<String, Long> right) {
    Map<String, Long> sum = new HashMap<>(left);
    right.forEach((kind, count) -> sum.merge(kind, count, Math::addExact));
    return sum;
  }
}
