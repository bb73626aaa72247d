package dev.sluice.ledgercheck.core;

import java.util.EnumMap;
import java.util.Map;

/// How often the mock provider does what, as shares of all calls; the rest is answered well.
public record FaultMix(Map<ProviderFault, Double> shares) {

  public static final FaultMix NONE = new FaultMix(Map.of());

  /// One call in eight meets a fault, each kind in turn.
  public static final FaultMix OF_THE_CHECK =
      new FaultMix(
          Map.ofEntries(
              Map.entry(ProviderFault.THROTTLED_SECONDS, 0.002),
              Map.entry(ProviderFault.THROTTLED_DATE, 0.002),
              Map.entry(ProviderFault.ERROR_500, 0.015),
              Map.entry(ProviderFault.UNAVAILABLE_503, 0.015),
              Map.entry(ProviderFault.RESET_BEFORE_HEADERS, 0.010),
              Map.entry(ProviderFault.RESET_MID_BODY, 0.010),
              Map.entry(ProviderFault.STALL, 0.004),
              Map.entry(ProviderFault.MALFORMED_JSON, 0.010),
              Map.entry(ProviderFault.TRUNCATED, 0.010),
              Map.entry(ProviderFault.ERROR_IN_200, 0.010),
              Map.entry(ProviderFault.MISSING_USAGE, 0.015)));

  public FaultMix {
    shares = Map.copyOf(shares);
    double sum = 0;
    for (Map.Entry<ProviderFault, Double> share : shares.entrySet()) {
      if (!(share.getValue() >= 0)) {
        throw new IllegalArgumentException("a negative share: " + share);
      }
      sum += share.getValue();
    }
    if (sum > 1) {
      throw new IllegalArgumentException("fault shares sum to " + sum + ", more than 1");
    }
  }

  /// The fault for a number drawn evenly from 0 to 1.
  public ProviderFault pick(double drawn) {
    double reached = 0;
    for (Map.Entry<ProviderFault, Double> share : inOrder().entrySet()) {
      reached += share.getValue();
      if (drawn < reached) {
        return share.getKey();
      }
    }
    return ProviderFault.NONE;
  }

  /// In the enum's order, so that a seed always means the same faults.
  private Map<ProviderFault, Double> inOrder() {
    Map<ProviderFault, Double> ordered = new EnumMap<>(ProviderFault.class);
    ordered.putAll(shares);
    return ordered;
  }
}
