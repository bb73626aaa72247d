package dev.sluice.ingress.core.batch;

import java.util.Locale;

/// Where a batch is, in OpenAI's words. The last four are final.
public enum BatchStatus {
  VALIDATING,
  IN_PROGRESS,
  CANCELLING,
  FAILED,
  COMPLETED,
  EXPIRED,
  CANCELLED;

  private final String key = name().toLowerCase(Locale.ROOT);

  /// Its name in JSON and in records, such as `in_progress`.
  public String key() {
    return key;
  }

  public boolean ended() {
    return switch (this) {
      case VALIDATING, IN_PROGRESS, CANCELLING -> false;
      case FAILED, COMPLETED, EXPIRED, CANCELLED -> true;
    };
  }

  /// @throws IllegalArgumentException for any other text
  public static BatchStatus of(String key) {
    return valueOf(key.toUpperCase(Locale.ROOT));
  }
}
