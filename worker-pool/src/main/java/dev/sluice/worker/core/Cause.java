package dev.sluice.worker.core;

import dev.sluice.contract.model.ErrorCode;

/// Why an attempt did not deliver, as the router's retry and fallback rules see it. The names are
/// those of the `FailureCause` record symbols.
public enum Cause {
  THROTTLED(ErrorCode.PROVIDER_THROTTLED),
  /// Refused, TLS error, reset or close before a complete answer, 5xx.
  DOWN(ErrorCode.PROVIDER_DOWN),
  TIMEOUT(ErrorCode.PROVIDER_TIMEOUT),
  TOO_LONG(ErrorCode.CONTEXT_LENGTH_EXCEEDED),
  REFUSED(ErrorCode.PROVIDER_REFUSED),
  INVALID_KEY(ErrorCode.PROVIDER_KEY_REJECTED),
  BAD_ANSWER(ErrorCode.PROVIDER_BAD_ANSWER),
  CANCELLED(ErrorCode.CANCELLED),
  EXPIRED(ErrorCode.DEADLINE_EXCEEDED),
  WORKER_LOST(ErrorCode.UNAVAILABLE),
  INTERNAL(ErrorCode.INTERNAL_ERROR);

  private final ErrorCode usualCode;

  Cause(ErrorCode usualCode) {
    this.usualCode = usualCode;
  }

  /// The error code of a failure of this cause that has no more precise one.
  public ErrorCode usualCode() {
    return usualCode;
  }
}
