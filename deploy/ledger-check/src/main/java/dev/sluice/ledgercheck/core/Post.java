package dev.sluice.ledgercheck.core;

import java.time.Instant;

/// Ledger A, first half: a request about to be sent. Written to disk before it is.
///
/// @param cancels whether the client means to cancel the job
/// @param keyed whether it is sent under an idempotency key, and more than once
public record Post(
    String marker, Surface surface, String model, boolean cancels, boolean keyed, Instant at) {}
