package dev.sluice.router.core.limits;

import dev.sluice.contract.model.Limit;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Optional;

/// A part of a budget has been used.
///
/// @param key names the budget and whose it is
/// @param fraction the part of it that was reached, above 0 and at most 1
/// @param used in steps of its unit
/// @param start first moment of the period
/// @param end first moment of the next one; empty where there is none
public record Alert(
    String tenant,
    Limit limit,
    String key,
    BigDecimal fraction,
    long used,
    Instant start,
    Optional<Instant> end) {

  /// Its identity: the same however often it is seen.
  public String id() {
    return tenant + "|" + key + "|" + start + "|" + fraction.stripTrailingZeros().toPlainString();
  }
}
