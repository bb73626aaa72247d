package dev.sluice.runtime.config;

import static dev.sluice.runtime.config.Key.optional;
import static dev.sluice.runtime.config.Key.required;
import static dev.sluice.runtime.config.Names.ID;
import static dev.sluice.runtime.config.Names.MODEL;
import static dev.sluice.runtime.config.Shape.section;

import dev.sluice.contract.model.TokenKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The keys of the file, and those of `prices`.
final class PolicyKeys {
  static final Shape.Section PRICE = section(priceKeys());

  static final Shape.Section ROOT =
      new Shape.Section(
          List.of(
              optional(
                  "server",
                  ServerKeys.SECTION,
                  "Static part, read once at start; each value can be overridden by the"
                      + " environment."),
              optional("tenants", new Shape.Many(TenantKeys.TENANT, 0), "none", "Who may ask."),
              optional("pools", new Shape.Many(PoolKeys.POOL, 0), "none", "Where work can run."),
              optional(
                  "models",
                  new Shape.Many(ModelKeys.MODEL_PLAN, 0),
                  "none",
                  "What model names stand for."),
              optional(
                  "prices",
                  new Shape.Many(PRICE, 0),
                  "none",
                  "What a model of a pool costs from a day on, USD per million tokens.")),
          Map.of(
              "prompts", "no prompt would be used",
              "guards", "nothing would be checked"));

  private PolicyKeys() {}

  private static Key[] priceKeys() {
    var keys = new ArrayList<Key>();
    keys.add(required("pool", ID, "Pool of the model."));
    keys.add(
        required("model", MODEL, "Name sent to the provider; `*` prices all others of the pool."));
    keys.add(
        required(
            "from",
            new Shape.Moment(),
            "First day (UTC) or instant of this price; it holds until a later one begins."));
    for (TokenKind kind : TokenKind.values()) {
      keys.add(
          optional(
              kind.key(),
              new Shape.Usd(),
              kind == TokenKind.REASONING ? "as output" : "not priced",
              "USD per million tokens of kind `" + kind.key() + "`."));
    }
    return keys.toArray(Key[]::new);
  }
}
