package dev.sluice.contract.model;

import java.util.Locale;
import java.util.Optional;

/// The class a job waits in, most urgent first.
public enum Priority {
  INTERACTIVE,
  STANDARD,
  BATCH;

  private final String key = name().toLowerCase(Locale.ROOT);

  /// Its name in topics, configuration and JSON.
  public String key() {
    return key;
  }

  public static Optional<Priority> of(String key) {
    for (Priority priority : values()) {
      if (priority.key.equals(key)) {
        return Optional.of(priority);
      }
    }
    return Optional.empty();
  }
}
