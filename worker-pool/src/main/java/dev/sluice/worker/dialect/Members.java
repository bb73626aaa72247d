package dev.sluice.worker.dialect;

import dev.sluice.worker.wire.JsonText;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The members of one object of a request, read once each: what nobody took is refused at the end,
/// so that no field can be forgotten. A member that is null counts as absent.
///
/// Not safe for use by several threads.
final class Members {
  private final ObjectNode object;
  private final String path;
  private final Set<String> taken = new HashSet<>();

  private Members(ObjectNode object, String path) {
    this.object = object;
    this.path = path;
  }

  /// @param path where the object is, empty for the body itself
  static Members of(JsonNode node, String path) {
    if (!(node instanceof ObjectNode object)) {
      throw new UntranslatableException(path.isEmpty() ? "body" : path, "must be an object");
    }
    return new Members(object, path);
  }

  /// The path of a member.
  String at(String name) {
    return path.isEmpty() ? name : path + "." + name;
  }

  /// The path of an element of a member.
  String at(String name, int index) {
    return at(name) + "[" + index + "]";
  }

  boolean has(String name) {
    return object.has(name) && !object.path(name).isNull();
  }

  /// The member, or a missing node.
  JsonNode take(String name) {
    taken.add(name);
    return has(name) ? object.path(name) : JsonText.MAPPER.missingNode();
  }

  Optional<String> text(String name) {
    JsonNode value = take(name);
    if (value.isMissingNode()) {
      return Optional.empty();
    }
    if (!value.isString()) {
      throw refusal(name, "must be a string");
    }
    return Optional.of(value.asString());
  }

  String requiredText(String name) {
    return text(name).orElseThrow(() -> refusal(name, "is required"));
  }

  /// Elements of an array; none where the member is absent.
  List<JsonNode> elements(String name) {
    JsonNode value = take(name);
    if (value.isMissingNode()) {
      return List.of();
    }
    if (!value.isArray()) {
      throw refusal(name, "must be an array");
    }
    return value.valueStream().toList();
  }

  /// An object inside; empty where the member is absent.
  Optional<Members> inner(String name) {
    JsonNode value = take(name);
    return value.isMissingNode() ? Optional.empty() : Optional.of(of(value, at(name)));
  }

  /// The JSON value of a member that is a text holding JSON.
  JsonNode parsed(String name) {
    String text = requiredText(name);
    try {
      JsonNode value = JsonText.MAPPER.readTree(text.isBlank() ? "{}" : text);
      if (value.isObject()) {
        return value;
      }
    } catch (JacksonException e) {
      throw refusal(name, "is not JSON, but the model's provider takes only JSON here");
    }
    throw refusal(name, "must hold a JSON object");
  }

  /// Hints that change no answer: who asks, how long to keep it, how to cache it.
  void ignore(String... names) {
    taken.addAll(Arrays.asList(names));
  }

  /// A member that may only say what would hold without it.
  ///
  /// @param neutral such values, as JSON text
  void onlyNeutral(String name, String... neutral) {
    JsonNode value = take(name);
    if (!value.isMissingNode() && !Arrays.asList(neutral).contains(value.toString())) {
      throw refusal(name, "has no equivalent at the provider of this model; leave it out");
    }
  }

  /// Copies members that mean the same under the same name.
  void copy(ObjectNode target, String... names) {
    for (String name : names) {
      copyAs(target, name, name);
    }
  }

  void copyAs(ObjectNode target, String name, String newName) {
    JsonNode value = take(name);
    if (!value.isMissingNode()) {
      target.set(newName, value);
    }
  }

  /// Refuses whatever nobody took.
  void end() {
    for (var member : object.properties()) {
      if (!taken.contains(member.getKey()) && !member.getValue().isNull()) {
        throw refusal(
            member.getKey(), "has no equivalent at the provider of this model; leave it out");
      }
    }
  }

  UntranslatableException refusal(String name, String what) {
    return new UntranslatableException(at(name), what);
  }
}
