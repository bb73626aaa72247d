package dev.sluice.router.core;

import dev.sluice.contract.model.Policy.FallbackCause;
import java.util.Optional;

/// Why an attempt did not deliver, as the rules for retry and fallback see it.
public enum FailureCause {
  /// It delivered.
  NONE(false),
  THROTTLED(true),
  DOWN(true),
  TIMEOUT(true),
  /// The prompt does not fit the model.
  TOO_LONG(false),
  /// The provider refused the request itself.
  REFUSED(false),
  /// The provider refused the operator's key.
  INVALID_KEY(false),
  BAD_ANSWER(true),
  CANCELLED(false),
  EXPIRED(false),
  WORKER_LOST(true),
  INTERNAL(true);

  private final boolean transientFault;

  FailureCause(boolean transientFault) {
    this.transientFault = transientFault;
  }

  /// Whether the same call may succeed a little later.
  public boolean transientFault() {
    return transientFault;
  }

  /// The word by which a fallback names it; empty for causes that no fallback mends.
  public Optional<FallbackCause> fallbackCause() {
    return switch (this) {
      case THROTTLED -> Optional.of(FallbackCause.THROTTLED);
      case DOWN, BAD_ANSWER -> Optional.of(FallbackCause.DOWN);
      case TIMEOUT -> Optional.of(FallbackCause.TIMEOUT);
      case TOO_LONG -> Optional.of(FallbackCause.TOO_LONG);
      case REFUSED -> Optional.of(FallbackCause.REFUSED);
      case INVALID_KEY -> Optional.of(FallbackCause.INVALID_KEY);
      case NONE, CANCELLED, EXPIRED, WORKER_LOST, INTERNAL -> Optional.empty();
    };
  }
}
