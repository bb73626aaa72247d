package dev.sluice.metering.core;

import java.math.BigDecimal;

/// Money of one line. What is not known is a case of its own and never zero.
public sealed interface Amount {

  /// @param value exact, USD
  record Usd(BigDecimal value) implements Amount {}

  /// No price was known.
  record Unpriced() implements Amount {}

  Amount UNPRICED = new Unpriced();
}
