package dev.sluice.worker.core;

import dev.sluice.contract.model.ErrorCode;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;

/// Why an attempt failed.
///
/// @param message for the caller: what happened and what to do; never a secret or a prompt
/// @param providerStatus HTTP status of the provider, 0 when none came
/// @param retryAfter how long the provider asked to wait, capped
/// @param body the provider's own error body, read-only, at most 16 KiB
public record Failure(
    Cause cause,
    ErrorCode code,
    String message,
    int providerStatus,
    Optional<Duration> retryAfter,
    Optional<ByteBuffer> body) {

  /// Error bodies are kept up to this size, bytes.
  public static final int MAX_BODY_BYTES = 16 * 1024;

  public static Failure of(Cause cause, String message) {
    return of(cause, cause.usualCode(), message);
  }

  public static Failure of(Cause cause, ErrorCode code, String message) {
    return new Failure(cause, code, message, 0, Optional.empty(), Optional.empty());
  }

  public static Failure ofStatus(Cause cause, int providerStatus, String message) {
    return new Failure(
        cause, cause.usualCode(), message, providerStatus, Optional.empty(), Optional.empty());
  }

  /// The same with another error body.
  public Failure withBody(Optional<ByteBuffer> other) {
    return new Failure(cause, code, message, providerStatus, retryAfter, other);
  }
}
