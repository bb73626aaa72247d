package dev.sluice.metering.core;

import java.util.Map;

/// One line of money, counted once whatever happens.
public sealed interface CostLine {

  /// Identity of the line.
  String entryId();

  Amount amount();

  /// @param amount owed to the provider
  record Attempt(String entryId, Amount amount) implements CostLine {}

  /// @param amount paid by the tenant
  /// @param tokens of the answer that is paid for, by kind
  record Charge(String entryId, Amount amount, Map<String, Long> tokens) implements CostLine {
    public Charge {
      tokens = Map.copyOf(tokens);
    }
  }
}
