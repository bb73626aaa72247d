package dev.sluice.runtime.config;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/// A key or password. A type of its own so that printing, logging or comparing it by accident shows
/// nothing: only [#value] reveals it. Immutable.
public final class Secret {
  private static final String MASK = "********";

  private final String value;

  private Secret(String value) {
    this.value = value;
  }

  public static Secret of(String value) {
    return new Secret(value);
  }

  /// The secret itself.
  public String value() {
    return value;
  }

  /// Whether a candidate is this secret, in a time that does not tell how much of it was right.
  public boolean matches(String candidate) {
    return MessageDigest.isEqual(bytes(value), bytes(candidate));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Secret secret && matches(secret.value);
  }

  @Override
  public int hashCode() {
    return value.hashCode();
  }

  @Override
  public String toString() {
    return MASK;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
