package dev.sluice.ingress.http;

import dev.sluice.contract.avro.JobStatus;
import org.jspecify.annotations.Nullable;

/// Which states end a job, as records name them.
final class Terminal {
  private Terminal() {}

  static boolean of(@Nullable JobStatus status) {
    return switch (status) {
      case SUCCEEDED, FAILED, CANCELLED, EXPIRED -> true;
      case null -> false;
      case QUEUED, HELD, RUNNING, UNKNOWN -> false;
    };
  }
}
