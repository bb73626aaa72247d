package dev.sluice.contract.codec;

import static dev.sluice.contract.codec.JsonFields.constant;
import static dev.sluice.contract.codec.JsonFields.text;

import dev.sluice.contract.model.Policy;
import dev.sluice.contract.model.TokenKind;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.EnumMap;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// A price within a policy document. Pure.
final class PriceDocument {

  private PriceDocument() {}

  static void write(ObjectNode node, Policy.Price price) {
    node.put("version", price.version());
    node.put("pool", price.pool());
    node.put("model", price.model());
    node.put("from", price.from().toString());
    ObjectNode amounts = node.putObject("usd_per_million");
    new TreeMap<>(price.usdPerMillion())
        .forEach((kind, usd) -> amounts.put(kind.key(), usd.toPlainString()));
  }

  static Policy.Price read(JsonNode node) {
    var amounts = new EnumMap<TokenKind, BigDecimal>(TokenKind.class);
    for (var entry : node.required("usd_per_million").properties()) {
      amounts.put(
          constant(TokenKind.class, entry.getKey()),
          new BigDecimal(entry.getValue().stringValue()));
    }
    return new Policy.Price(
        text(node, "version"),
        text(node, "pool"),
        text(node, "model"),
        Instant.parse(text(node, "from")),
        amounts);
  }
}
