package dev.sluice.ledgercheck.core;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// An answer as it can be recognised: the provider's nonce in it and the hash of all of it.
///
/// @param nonce empty when the text holds none
/// @param contentHash first 16 hex digits of the SHA-256 of the text
public record Served(String nonce, String contentHash) {

  private static final Pattern NONCE = Pattern.compile("nonce-[0-9a-f]{16}");

  public static Served of(String content) {
    Matcher nonce = NONCE.matcher(content);
    return new Served(nonce.find() ? nonce.group() : "", ContentHash.of(content));
  }
}
