package dev.sluice.ledgercheck.core;

import java.time.Instant;
import java.util.Optional;

/// Ledger R: what one channel said about a job.
///
/// @param served the result's content, where the channel shows a result
/// @param cost what the channel says the job cost, where it says so
/// @param errorCode the typed reason of a failure
public record Reading(
    String jobId,
    Channel channel,
    Instant at,
    JobState state,
    Optional<Served> served,
    Optional<ShownCost> cost,
    Optional<String> errorCode) {

  /// @param chargedPico empty when unpriced or not shown
  public record ShownCost(Optional<Long> chargedPico, Optional<Long> owedPico, boolean unpriced) {}
}
