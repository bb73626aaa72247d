package dev.sluice.ledgercheck.core;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// One limit of a tenant under test.
///
/// @param rolling length of its window; empty for one that never begins anew, and in flight
/// @param amount jobs, or pico-USD
/// @param rejects whether a job that does not fit is refused; else it is held
public record Limit(
    Account account, Unit unit, Optional<Duration> rolling, long amount, boolean rejects) {

  /// What is counted.
  public enum Unit {
    REQUESTS,
    USD,
    IN_FLIGHT
  }

  private static final Duration WINDOW = Duration.ofSeconds(8);

  /// Small enough to be met in a campaign of two thousand jobs; those of the first echo are only
  /// there to be added up.
  public static final List<Limit> OF_THE_CHECK =
      List.of(
          new Limit(Account.PACED, Unit.REQUESTS, Optional.of(WINDOW), 24, false),
          new Limit(Account.PACED, Unit.USD, Optional.of(WINDOW), 1_200_000_000L, false),
          new Limit(Account.NARROW, Unit.IN_FLIGHT, Optional.empty(), 3, false),
          new Limit(Account.CAPPED, Unit.USD, Optional.empty(), 3_000_000_000L, true),
          new Limit(Account.ECHO_A, Unit.USD, Optional.empty(), 1_000_000_000_000L, true),
          new Limit(Account.ECHO_A, Unit.REQUESTS, Optional.empty(), 1_000_000, true));

  @Override
  public String toString() {
    return "%s, at most %d %s%s"
        .formatted(
            account.id(),
            amount,
            switch (unit) {
              case REQUESTS -> "jobs";
              case USD -> "pico-USD";
              case IN_FLIGHT -> "jobs in flight";
            },
            rolling.map(length -> " in " + length.toSeconds() + " s").orElse(""));
  }
}
