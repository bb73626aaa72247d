package dev.sluice.contract.codec;

import static dev.sluice.contract.codec.JsonFields.constant;
import static dev.sluice.contract.codec.JsonFields.list;
import static dev.sluice.contract.codec.JsonFields.name;
import static dev.sluice.contract.codec.JsonFields.names;
import static dev.sluice.contract.codec.JsonFields.optional;
import static dev.sluice.contract.codec.JsonFields.putNames;
import static dev.sluice.contract.codec.JsonFields.text;

import dev.sluice.contract.model.Policy;
import dev.sluice.contract.model.Priority;
import dev.sluice.contract.model.Scope;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.EnumMap;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A tenant within a policy document. Pure.
final class TenantDocument {

  private TenantDocument() {}

  static void write(ObjectNode node, Policy.Tenant tenant) {
    node.put("id", tenant.id());
    ArrayNode keys = node.putArray("keys");
    for (Policy.ApiKey key : tenant.keys()) {
      ObjectNode one = keys.addObject().put("id", key.id()).put("secret", key.secret());
      putNames(one, "scopes", key.scopes());
    }
    ObjectNode priorities = node.putObject("priorities");
    new TreeMap<>(tenant.shares())
        .forEach((priority, share) -> priorities.putObject(priority.key()).put("share", share));
    node.put("on_crash", name(tenant.onCrash()));
    node.put("max_attempts", tenant.maxAttempts());
    if (!tenant.kafka().equals(Policy.OwnTopics.NONE)) {
      node.putObject("kafka")
          .put("submit", tenant.kafka().submit())
          .put("results", tenant.kafka().results())
          .put("events", tenant.kafka().events());
    }
    if (!tenant.limits().isEmpty()) {
      ArrayNode limits = node.putArray("limits");
      tenant.limits().forEach(limit -> LimitDocument.write(limits.addObject(), limit));
    }
    tenant.residency().ifPresent(region -> node.put("residency", region));
    if (!tenant.cache().equals(Policy.AnswerCache.DEFAULT)) {
      node.putObject("cache")
          .put("mode", tenant.cache().use() ? "use" : "off")
          .put("ttl", tenant.cache().ttl().toString())
          .put("price_ratio", tenant.cache().priceRatio().toPlainString());
    }
    if (tenant.shards() > 1) {
      node.put("shards", tenant.shards());
    }
  }

  static Policy.Tenant read(JsonNode node) {
    var shares = new EnumMap<Priority, Integer>(Priority.class);
    for (var entry : node.required("priorities").properties()) {
      shares.put(
          constant(Priority.class, entry.getKey()), entry.getValue().required("share").intValue());
    }
    return new Policy.Tenant(
        text(node, "id"),
        list(
            node.required("keys"),
            key ->
                new Policy.ApiKey(
                    text(key, "id"), text(key, "secret"), names(key, "scopes", Scope.class))),
        shares,
        constant(Policy.OnCrash.class, text(node, "on_crash")),
        node.required("max_attempts").intValue(),
        ownTopics(node.path("kafka")),
        list(node.path("limits"), LimitDocument::read),
        optional(node, "residency"),
        cache(node.path("cache")),
        node.path("shards").asInt(1));
  }

  private static Policy.AnswerCache cache(JsonNode node) {
    return node.isMissingNode()
        ? Policy.AnswerCache.DEFAULT
        : new Policy.AnswerCache(
            text(node, "mode").equals("use"),
            Duration.parse(text(node, "ttl")),
            new BigDecimal(text(node, "price_ratio")));
  }

  private static Policy.OwnTopics ownTopics(JsonNode node) {
    return new Policy.OwnTopics(
        node.path("submit").asBoolean(false),
        node.path("results").asBoolean(false),
        node.path("events").asBoolean(false));
  }
}
