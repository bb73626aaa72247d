package dev.sluice.contract.model;

import java.util.Locale;
import java.util.Optional;

/// The kinds of tokens that are priced. They are disjoint: a token counts in exactly one.
public enum TokenKind {
  /// Prompt tokens that were not read from a cache.
  INPUT,
  CACHED_INPUT,
  CACHE_WRITE_5M,
  CACHE_WRITE_1H,
  /// Generated tokens without reasoning.
  OUTPUT,
  REASONING,
  AUDIO_INPUT,
  AUDIO_OUTPUT,
  IMAGE;

  /// No call uses more of a kind, tokens: a record that counts more says what cannot be.
  public static final long MAX_TOKENS = 1_000_000_000_000L;

  private final String key = name().toLowerCase(Locale.ROOT);

  /// Its name in records, prices and JSON, such as `cached_input`.
  public String key() {
    return key;
  }

  /// Whether it is generated, not sent.
  public boolean ofAnswer() {
    return this == OUTPUT || this == REASONING || this == AUDIO_OUTPUT;
  }

  public static Optional<TokenKind> of(String key) {
    for (TokenKind kind : values()) {
      if (kind.key.equals(key)) {
        return Optional.of(kind);
      }
    }
    return Optional.empty();
  }
}
