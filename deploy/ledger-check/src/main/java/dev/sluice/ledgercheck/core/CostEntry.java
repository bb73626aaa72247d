package dev.sluice.ledgercheck.core;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/// Ledger C: one row of `sluice.costs`, as a consumer that reads only committed records sees it.
///
/// @param kind attempt, charge or adjustment
/// @param tenant who pays
/// @param marker from the row's tags; empty when it has none
/// @param providerModel the model that has a price
/// @param chargedPico pico-USD; empty when null
/// @param usageSource REPORTED, ESTIMATED, UNKNOWN, or CACHE of an answer that was given again
public record CostEntry(
    String entryId,
    String kind,
    String jobId,
    int attempt,
    String tenant,
    String marker,
    String providerModel,
    Map<String, Long> tokens,
    Optional<Long> chargedPico,
    Optional<Long> owedPico,
    boolean unpriced,
    String usageSource,
    Instant at) {
  public static final String ATTEMPT = "attempt";
  public static final String CHARGE = "charge";

  public CostEntry {
    tokens = Tokens.withoutZeros(tokens);
  }

  long total() {
    return tokens.values().stream().mapToLong(Long::longValue).sum();
  }

  long prompt() {
    return tokens.getOrDefault("input", 0L) + tokens.getOrDefault("cached_input", 0L);
  }

  long completion() {
    return tokens.getOrDefault("output", 0L) + tokens.getOrDefault("reasoning", 0L);
  }

  boolean reported() {
    return usageSource.equals("REPORTED");
  }

  boolean givenAgain() {
    return usageSource.equals("CACHE");
  }

  boolean estimated() {
    return usageSource.equals("ESTIMATED");
  }
}
