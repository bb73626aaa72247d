package dev.sluice.contract.price;

import java.math.BigDecimal;

/// What a call costs. An unknown price is a case of its own and never zero.
public sealed interface Rating {

  /// @param usd exact sum, scale 12
  /// @param priceVersion the price that was applied
  record Priced(BigDecimal usd, String priceVersion) implements Rating {}

  /// @param reason what is missing, for the operator
  record Unpriced(String reason) implements Rating {}
}
