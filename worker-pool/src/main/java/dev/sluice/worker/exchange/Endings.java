package dev.sluice.worker.exchange;

import dev.sluice.worker.core.Cause;
import dev.sluice.worker.core.Failure;

/// What it means that the watchdog ended a call.
final class Endings {
  private Endings() {}

  static Failure failure(Watchdog.Reason reason) {
    return switch (reason) {
      case FIRST_TOKEN -> Failure.of(Cause.TIMEOUT, "the provider was silent for too long");
      case IDLE ->
          Failure.of(Cause.TIMEOUT, "the provider fell silent in the middle of its answer");
      case TOTAL -> Failure.of(Cause.TIMEOUT, "the call took longer than its total timeout");
      case CANCELLED -> Failure.of(Cause.CANCELLED, "the call was cancelled");
    };
  }
}
