package dev.sluice.ledgercheck.client;

import dev.sluice.ledgercheck.core.JobState;
import dev.sluice.ledgercheck.core.Reading.ShownCache;
import dev.sluice.ledgercheck.core.Reading.ShownCost;
import dev.sluice.ledgercheck.core.Served;
import java.math.BigDecimal;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Reads what the check needs out of Sluice's JSON.
public final class JobBody {
  private static final JsonMapper JSON = new JsonMapper();
  private static final int PICO_DIGITS = 12;

  private JobBody() {}

  public static Optional<JsonNode> parse(String body) {
    try {
      return Optional.of(JSON.readTree(body)).filter(JsonNode::isObject);
    } catch (JacksonException e) {
      return Optional.empty();
    }
  }

  static Optional<String> id(JsonNode job) {
    return text(job.path("id"));
  }

  static JobState state(JsonNode job) {
    return JobState.of(job.path("status").asString(""));
  }

  /// The content of the job's result; empty where the job shows none.
  static Optional<Served> result(JsonNode job) {
    return content(job.path("result")).map(Served::of);
  }

  /// The text of a chat completion.
  static Optional<String> content(JsonNode completion) {
    return text(completion.path("choices").path(0).path("message").path("content"));
  }

  static Optional<String> errorCode(JsonNode job) {
    return text(job.path("error").path("code"));
  }

  static Optional<ShownCost> cost(JsonNode job) {
    JsonNode cost = job.path("cost");
    if (!cost.isObject()) {
      return Optional.empty();
    }
    return Optional.of(
        new ShownCost(
            pico(cost.path("charged_usd")),
            pico(cost.path("owed_usd")),
            cost.path("unpriced").asBoolean(false)));
  }

  static Optional<ShownCache> cache(JsonNode job) {
    JsonNode cache = job.path("cache");
    return cache.isObject()
        ? Optional.of(
            new ShownCache(cache.path("kind").asString(""), text(cache.path("answered_by"))))
        : Optional.empty();
  }

  /// Whole pico-USD of a decimal; more digits than that would be a sum that nobody can check.
  public static Optional<Long> pico(JsonNode usd) {
    if (usd.isMissingNode() || usd.isNull()) {
      return Optional.empty();
    }
    return Optional.of(new BigDecimal(usd.asString()).movePointRight(PICO_DIGITS).longValueExact());
  }

  private static Optional<String> text(JsonNode node) {
    return node.isString() ? Optional.of(node.asString()) : Optional.empty();
  }
}
