package dev.sluice.ingress.core;

import java.util.Optional;

/// A caller's own name for a request, so that sending it again changes nothing: 1 to 255 visible
/// characters, in the header bare or as the quoted string of the HTTP draft.
public final class IdempotencyKey {
  static final int MAX_CHARACTERS = 255;

  private IdempotencyKey() {}

  /// The key that a header names; empty when it names none.
  public static Optional<String> parse(String header) {
    String text = header.strip();
    boolean quoted = text.length() >= 2 && text.startsWith("\"") && text.endsWith("\"");
    return checked(quoted ? text.substring(1, text.length() - 1) : text);
  }

  /// The key that a text is; empty when it cannot be one. A quote cannot be part of one, so that
  /// there is one way to read it.
  public static Optional<String> checked(String key) {
    boolean visible = key.chars().allMatch(c -> c > ' ' && c < 0x7f && c != '"' && c != '\\');
    return !key.isEmpty() && key.length() <= MAX_CHARACTERS && visible
        ? Optional.of(key)
        : Optional.empty();
  }
}
