package dev.sluice.ingress.core;

import java.util.Locale;
import java.util.Optional;

/// What a caller is told about a job. The last four are terminal and never change.
public enum Status {
  QUEUED,
  HELD,
  RUNNING,
  SUCCEEDED,
  FAILED,
  CANCELLED,
  EXPIRED;

  private final String key = name().toLowerCase(Locale.ROOT);

  /// Its name in JSON, such as `queued`.
  public String key() {
    return key;
  }

  public boolean terminal() {
    return switch (this) {
      case QUEUED, HELD, RUNNING -> false;
      case SUCCEEDED, FAILED, CANCELLED, EXPIRED -> true;
    };
  }

  public static Optional<Status> of(String key) {
    for (Status status : values()) {
      if (status.key.equals(key)) {
        return Optional.of(status);
      }
    }
    return Optional.empty();
  }
}
