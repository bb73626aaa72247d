package dev.sluice.ledgercheck.core;

import java.time.Instant;
import java.util.Optional;

/// Ledger A, first half: a request about to be sent. Written to disk before it is.
///
/// @param question the mark in the prompt: the marker, or that of a question that others ask too
/// @param cache what it says of answers that are given again
/// @param cancels whether the client means to cancel the job
/// @param keyed whether it is sent under an idempotency key, and more than once
public record Post(
    String marker,
    Account account,
    String question,
    Surface surface,
    String model,
    Optional<CacheWish> cache,
    boolean cancels,
    boolean keyed,
    Instant at) {

  /// Whether it asks for its answer as a stream, which makes it another request.
  public boolean stream() {
    return surface == Surface.CHAT_STREAM || surface == Surface.JOB_EVENTS;
  }
}
