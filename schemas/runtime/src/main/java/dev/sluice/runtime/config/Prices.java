package dev.sluice.runtime.config;

import dev.sluice.contract.codec.PolicyDocument;
import dev.sluice.contract.model.Policy;
import dev.sluice.contract.model.TokenKind;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.TreeMap;

/// Gives each price the version that is stamped on cost rows: its first day and a short digest of
/// what it says. The same price has the same version in every file; a changed one never has. Pure.
final class Prices {
  private static final int DIGEST_DIGITS = 8;
  private static final int DIGEST_START = "sha256:".length();

  private Prices() {}

  static Policy.Price of(
      String pool, String model, Instant from, Map<TokenKind, BigDecimal> usdPerMillion) {
    return new Policy.Price(
        version(pool, model, from, usdPerMillion), pool, model, from, usdPerMillion);
  }

  private static String version(
      String pool, String model, Instant from, Map<TokenKind, BigDecimal> usdPerMillion) {
    var text = new StringBuilder(pool).append('\n').append(model).append('\n').append(from);
    new TreeMap<>(usdPerMillion)
        .forEach((kind, usd) ->
            text.append('\n')
                .append(kind.key())
                .append('=')
                .append(usd.stripTrailingZeros().toPlainString()));
    String digest = PolicyDocument.digest(text.toString().getBytes(StandardCharsets.UTF_8));
    return from.atOffset(ZoneOffset.UTC).toLocalDate()
        + "-"
        + digest.substring(DIGEST_START, DIGEST_START + DIGEST_DIGITS);
  }
}
