package dev.sluice.contract.serde;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/// What a new version of a schema must be able to do with older ones, in Confluent's words.
public enum CompatibilityLevel {
  NONE(false, false, false),
  BACKWARD(true, false, false),
  BACKWARD_TRANSITIVE(true, false, true),
  FORWARD(false, true, false),
  FORWARD_TRANSITIVE(false, true, true),
  FULL(true, true, false),
  FULL_TRANSITIVE(true, true, true);

  private final boolean readsOlder;
  private final boolean readByOlder;
  private final boolean transitive;

  CompatibilityLevel(boolean readsOlder, boolean readByOlder, boolean transitive) {
    this.readsOlder = readsOlder;
    this.readByOlder = readByOlder;
    this.transitive = transitive;
  }

  /// The new schema reads what older ones wrote.
  public boolean readsOlder() {
    return readsOlder;
  }

  /// Older schemas read what the new one writes.
  public boolean readByOlder() {
    return readByOlder;
  }

  /// Against every older version, not only the latest.
  public boolean transitive() {
    return transitive;
  }

  /// The level of that name in any case, if it is one.
  public static Optional<CompatibilityLevel> named(String name) {
    String upper = name.toUpperCase(Locale.ROOT);
    return Arrays.stream(values()).filter(level -> level.name().equals(upper)).findFirst();
  }
}
