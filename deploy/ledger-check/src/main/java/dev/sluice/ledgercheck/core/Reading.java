package dev.sluice.ledgercheck.core;

import java.time.Instant;
import java.util.Optional;

/// Ledger R: what one channel said about a job.
///
/// @param served the result's content, where the channel shows a result
/// @param cost what the channel says the job cost, where it says so
/// @param cache what it says of answers that are given again, where somebody asked
/// @param errorCode the typed reason of a failure
public record Reading(
    String jobId,
    Channel channel,
    Instant at,
    JobState state,
    Optional<Served> served,
    Optional<ShownCost> cost,
    Optional<ShownCache> cache,
    Optional<String> errorCode) {

  /// @param kind hit, coalesced, miss or bypass
  /// @param answeredBy the job whose answer it is; empty when it is its own
  public record ShownCache(String kind, Optional<String> answeredBy) {}

  /// @param chargedPico empty when unpriced or not shown
  public record ShownCost(Optional<Long> chargedPico, Optional<Long> owedPico, boolean unpriced) {}
}
