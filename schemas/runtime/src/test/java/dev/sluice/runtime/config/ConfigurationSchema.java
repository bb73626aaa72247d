package dev.sluice.runtime.config;

import java.util.List;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Writes `docs/sluice.schema.json` from the key tables.
final class ConfigurationSchema {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
  private static final String SPAN = "^P(\\d+D)?(T(\\d+H)?(\\d+M)?(\\d+(\\.\\d+)?S)?)?$";

  private ConfigurationSchema() {}

  static String text() {
    ObjectNode root = JSON.createObjectNode();
    root.put("$schema", "https://json-schema.org/draft/2020-12/schema");
    root.put("$id", "https://sluice.dev/sluice.schema.json");
    root.put("title", "Sluice configuration");
    describe(root, PolicyKeys.ROOT);
    return JSON.writeValueAsString(root) + "\n";
  }

  private static void describe(ObjectNode node, Shape shape) {
    switch (shape) {
      case Shape.Section(List<Key> keys, _) ->
          section(node, keys).put("additionalProperties", false);
      case Shape.Open(List<Key> keys) ->
          section(node, keys)
              .putObject("additionalProperties")
              .putArray("type")
              .add("string")
              .add("number")
              .add("boolean")
              .add("object");
      case Shape.Many(Shape element, int min) -> {
        node.put("type", "array").put("minItems", min);
        describe(node.putObject("items"), element);
      }
      case Shape.Flag _ -> node.put("type", "boolean");
      case Shape.Whole(long min, long max) ->
          node.put("type", "integer").put("minimum", min).put("maximum", max);
      case Shape.Usd _ -> node.put("type", "number").put("minimum", 0);
      case Shape.Ratio _ -> node.put("type", "number").put("minimum", 0).put("maximum", 1);
      case Shape.Choice(List<String> values, _) -> values.forEach(node.putArray("enum")::add);
      case Shape.Text(String pattern, _) -> text(node, "^(" + pattern + ")$");
      case Shape.Span _ -> text(node, SPAN);
      case Shape.Url _ -> text(node, "^https?://[^/?#@]+[^?#]*$").put("format", "uri");
      case Shape.Reference _ -> text(node, "^\\$\\{(env|file):[^}]+\\}$");
      case Shape.Moment _ -> text(node, "^\\d{4}-\\d{2}-\\d{2}(T[0-9:.]+Z)?$");
      case Shape.Network _ -> text(node, "^[0-9A-Fa-f:.]+/\\d{1,3}$");
    }
  }

  private static ObjectNode text(ObjectNode node, String pattern) {
    return node.put("type", "string").put("pattern", pattern);
  }

  private static ObjectNode section(ObjectNode node, List<Key> keys) {
    node.put("type", "object");
    ObjectNode properties = node.putObject("properties");
    for (Key key : keys) {
      ObjectNode property = properties.putObject(key.name()).put("description", key.meaning());
      describe(property, key.shape());
      if (Literals.isLiteral(key)) {
        fallback(property, key);
      }
    }
    List<Key> required = keys.stream().filter(Key::required).toList();
    if (!required.isEmpty()) {
      ArrayNode names = node.putArray("required");
      required.forEach(key -> names.add(key.name()));
    }
    return node;
  }

  private static void fallback(ObjectNode property, Key key) {
    switch (key.shape()) {
      case Shape.Flag _ -> property.put("default", Boolean.parseBoolean(key.fallback()));
      case Shape.Whole _ -> property.put("default", Long.parseLong(key.fallback()));
      case Shape.Many _ ->
          Literals.elements(key.fallback()).forEach(property.putArray("default")::add);
      default -> property.put("default", key.fallback());
    }
  }
}
