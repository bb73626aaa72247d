package dev.sluice.ledgercheck.core;

import java.time.Instant;
import java.util.Optional;

/// Ledger P: one request that reached the provider.
///
/// @param marker found in the prompt; empty when there was none
/// @param job job id found in a header, if any
/// @param tokens what the whole answer would use
/// @param contentHash hash of the whole answer's text
/// @param key credential the provider was shown
public record Call(
    String id,
    Instant beganAt,
    String marker,
    Optional<String> job,
    String model,
    boolean stream,
    Tokens tokens,
    String nonce,
    String contentHash,
    ProviderFault fault,
    String key,
    Ended ended) {

  /// @param at when the call ended; far in the future while it is open
  /// @param outputTokensSent content tokens that left for the caller
  /// @param usageSent whether the token counts left for the caller
  public record Ended(
      Instant at, How how, long outputTokensSent, boolean usageSent, long bytesOut) {
    public static final Ended NEVER = new Ended(Instant.MAX, How.OPEN, 0, false, 0);
  }

  /// How a call came to its end.
  public enum How {
    /// All that was to be sent was sent; with a fault this includes the fault.
    COMPLETE,
    /// The caller closed the connection first.
    CLOSED_BY_CALLER,
    OPEN
  }

  /// Whether the caller was told the exact counts.
  public boolean reported() {
    return ended.usageSent() && ended.how() == How.COMPLETE;
  }

  public Call withEnd(Ended end) {
    return new Call(
        id, beganAt, marker, job, model, stream, tokens, nonce, contentHash, fault, key, end);
  }
}
