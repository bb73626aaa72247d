package dev.sluice.ledgercheck.core;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// Ledger Q: what `GET /v1/quotas` says of one limit when nothing is under way any more.
///
/// @param restarted whether Sluice was killed and started since the last job ended
/// @param limit jobs or pico-USD, as are the other amounts
public record QuotaReading(
    Account account,
    Limit.Unit unit,
    Optional<Duration> rolling,
    boolean restarted,
    long limit,
    long used,
    long reserved,
    Instant at) {

  boolean of(Limit asked) {
    return account == asked.account() && unit == asked.unit() && rolling.equals(asked.rolling());
  }
}
