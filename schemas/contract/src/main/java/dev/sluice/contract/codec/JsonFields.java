package dev.sluice.contract.codec;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Fields of a policy document. What is required and is not there fails as Jackson says it.
final class JsonFields {

  private JsonFields() {}

  static String text(JsonNode node, String field) {
    return node.required(field).stringValue();
  }

  static Duration duration(JsonNode node, String field) {
    return Duration.parse(text(node, field));
  }

  static <T> List<T> list(JsonNode array, Function<JsonNode, T> read) {
    var all = new ArrayList<T>();
    for (JsonNode element : array.values()) {
      all.add(read.apply(element));
    }
    return all;
  }

  static Optional<String> optional(JsonNode node, String field) {
    return node.optional(field).map(JsonNode::stringValue);
  }

  static <E extends Enum<E>> void putNames(ObjectNode node, String field, Set<E> values) {
    ArrayNode array = node.putArray(field);
    values.stream().sorted().forEach(value -> array.add(name(value)));
  }

  static <E extends Enum<E>> Set<E> names(JsonNode node, String field, Class<E> type) {
    Set<E> all = EnumSet.noneOf(type);
    for (JsonNode value : node.required(field).values()) {
      all.add(constant(type, value.stringValue()));
    }
    return all;
  }

  static String name(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  static <E extends Enum<E>> E constant(Class<E> type, String name) {
    return Enum.valueOf(type, name.toUpperCase(Locale.ROOT));
  }
}
