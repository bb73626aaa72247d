package dev.sluice.contract.codec;

import static dev.sluice.contract.codec.JsonFields.constant;
import static dev.sluice.contract.codec.JsonFields.list;
import static dev.sluice.contract.codec.JsonFields.name;
import static dev.sluice.contract.codec.JsonFields.names;
import static dev.sluice.contract.codec.JsonFields.optional;
import static dev.sluice.contract.codec.JsonFields.putNames;
import static dev.sluice.contract.codec.JsonFields.text;

import dev.sluice.contract.model.Policy;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A model's plan within a policy document. Pure.
final class ModelDocument {

  private ModelDocument() {}

  static void write(ObjectNode node, Policy.Model model) {
    node.put("id", model.id());
    model.maxOutputTokens().ifPresent(max -> node.put("max_output_tokens", max));
    ArrayNode routes = node.putArray("routes");
    for (Policy.Route route : model.routes()) {
      ObjectNode one =
          routes
              .addObject()
              .put("pool", route.pool())
              .put("model", route.model())
              .put("weight", route.weight());
      route.when().ifPresent(condition -> one.put("when", condition));
      route.variant().ifPresent(variant -> one.put("variant", variant));
    }
    ArrayNode fallback = node.putArray("fallback");
    for (Policy.Fallback next : model.fallback()) {
      ObjectNode one = fallback.addObject().put("pool", next.pool()).put("model", next.model());
      putNames(one, "when", next.when());
      next.condition().ifPresent(condition -> one.put("if", condition));
    }
    if (model.routing() != Policy.Routing.WEIGHTED) {
      node.put("policy", name(model.routing()));
    }
    model.assignBy().ifPresent(tag -> node.put("assign_by", tag));
    if (!model.shadow().isEmpty()) {
      ArrayNode shadows = node.putArray("shadow");
      for (Policy.Shadow shadow : model.shadow()) {
        ObjectNode one =
            shadows
                .addObject()
                .put("pool", shadow.pool())
                .put("model", shadow.model())
                .put("percent", shadow.percent());
        shadow.condition().ifPresent(condition -> one.put("if", condition));
      }
    }
  }

  static Policy.Model read(JsonNode node) {
    return new Policy.Model(
        text(node, "id"),
        node.optional("max_output_tokens").map(JsonNode::intValue),
        list(
            node.required("routes"),
            route ->
                new Policy.Route(
                    text(route, "pool"),
                    text(route, "model"),
                    route.required("weight").intValue(),
                    optional(route, "when"),
                    optional(route, "variant"))),
        list(
            node.required("fallback"),
            next ->
                new Policy.Fallback(
                    text(next, "pool"),
                    text(next, "model"),
                    names(next, "when", Policy.FallbackCause.class),
                    optional(next, "if"))),
        node.optional("policy")
            .map(policy -> constant(Policy.Routing.class, policy.stringValue()))
            .orElse(Policy.Routing.WEIGHTED),
        optional(node, "assign_by"),
        node.optional("shadow")
            .map(shadows -> list(shadows, ModelDocument::readShadow))
            .orElse(List.of()));
  }

  private static Policy.Shadow readShadow(JsonNode node) {
    return new Policy.Shadow(
        text(node, "pool"),
        text(node, "model"),
        node.required("percent").intValue(),
        optional(node, "if"));
  }
}
