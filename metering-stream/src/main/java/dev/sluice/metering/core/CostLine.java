package dev.sluice.metering.core;

import java.util.Map;

/// One line of money, counted once whatever happens.
public sealed interface CostLine {

  /// Identity of the line.
  String entryId();

  Amount amount();

  /// @param amount owed to the provider
  /// @param gpuMicros GPU time of the call, GPU-microseconds
  record Attempt(String entryId, Amount amount, long gpuMicros) implements CostLine {

    /// A call that used no GPU that is counted.
    public Attempt(String entryId, Amount amount) {
      this(entryId, amount, 0);
    }
  }

  /// @param amount paid by the tenant
  /// @param tokens of the answer that is paid for, by kind
  record Charge(String entryId, Amount amount, Map<String, Long> tokens) implements CostLine {
    public Charge {
      tokens = Map.copyOf(tokens);
    }
  }
}
