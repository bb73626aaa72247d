package dev.sluice.ingress.core.callback;

import java.time.Duration;
import java.util.Optional;

/// How one attempt went.
public sealed interface AttemptAnswer {

  /// @param retryAfter what the receiver asks for
  record Answered(int status, Optional<Duration> retryAfter) implements AttemptAnswer {}

  /// No answer.
  ///
  /// @param reason one of a fixed set of words
  record Failed(String reason, boolean slow) implements AttemptAnswer {}
}
