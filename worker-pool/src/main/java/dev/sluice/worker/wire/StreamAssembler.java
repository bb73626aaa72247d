package dev.sluice.worker.wire;

import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Puts the chunks of a stream together into the body that the endpoint would have answered without
/// streaming: texts joined, tool calls merged by index, log probabilities appended, everything
/// unknown kept by the same rules.
///
/// Not safe for use by several threads.
public final class StreamAssembler {
  private static final String CHUNK_SUFFIX = ".chunk";

  private final ObjectNode answer = JsonNodeFactory.instance.objectNode();
  private final TreeMap<Integer, ObjectNode> choices = new TreeMap<>();
  private final HashSet<Integer> finished = new HashSet<>();
  // Texts grow here and are written once: joining strings would cost the square of their length.
  private final IdentityHashMap<ObjectNode, Map<String, StringBuilder>> texts =
      new IdentityHashMap<>();
  private final TextCount count = new TextCount();

  /// Takes the next chunk.
  public void add(JsonNode chunk) {
    for (var member : chunk.properties()) {
      JsonNode value = member.getValue();
      switch (member.getKey()) {
        case "choices" -> value.forEach(this::addChoice);
        case "object" -> answer.put("object", objectOf(value));
        default -> {
          if (!value.isNull() || !answer.has(member.getKey())) {
            answer.set(member.getKey(), value);
          }
        }
      }
    }
  }

  /// Whether every choice seen has said why it finished.
  public boolean finished() {
    return !choices.isEmpty() && finished.size() == choices.size();
  }

  /// Size of the text generated so far, in UTF-16 units.
  public long textSize() {
    return count.size();
  }

  /// A guess at the tokens generated so far.
  public long estimatedTokens() {
    return count.estimatedTokens();
  }

  /// The body.
  public byte[] body() {
    texts.forEach(
        (target, pieces) -> pieces.forEach((name, text) -> target.put(name, text.toString())));
    ArrayNode list = JsonNodeFactory.instance.arrayNode();
    choices.values().forEach(list::add);
    answer.set("choices", list);
    return JsonText.MAPPER.writeValueAsBytes(answer);
  }

  private static String objectOf(JsonNode object) {
    String name = object.asString("");
    return name.endsWith(CHUNK_SUFFIX)
        ? name.substring(0, name.length() - CHUNK_SUFFIX.length())
        : name;
  }

  private void addChoice(JsonNode part) {
    int index = part.path("index").asInt(0);
    ObjectNode choice = choices.computeIfAbsent(index, StreamAssembler::emptyChoice);
    for (var member : part.properties()) {
      JsonNode value = member.getValue();
      switch (member.getKey()) {
        case "index" -> {}
        case "delta" -> mergeMembers(choice.withObject("/message"), value);
        case "text" -> append(choice, "text", value);
        case "logprobs" -> mergeMember(choice, "logprobs", value);
        default -> {
          if (!value.isNull() || !choice.has(member.getKey())) {
            choice.set(member.getKey(), value);
          }
        }
      }
    }
    if (choice.path("finish_reason").isString()) {
      finished.add(index);
    }
  }

  private static ObjectNode emptyChoice(int index) {
    return JsonNodeFactory.instance.objectNode().put("index", index);
  }

  private void mergeMembers(ObjectNode target, JsonNode part) {
    for (var member : part.properties()) {
      mergeMember(target, member.getKey(), member.getValue());
    }
  }

  private void mergeMember(ObjectNode target, String name, JsonNode part) {
    JsonNode before = target.path(name);
    if (part.isNull()) {
      if (before.isMissingNode()) {
        target.putNull(name);
      }
    } else if (part.isString() && isText(name)) {
      append(target, name, part);
    } else if (part.isObject()) {
      mergeMembers(before.isObject() ? (ObjectNode) before : target.putObject(name), part);
    } else if (part.isArray()) {
      mergeArray(before.isArray() ? (ArrayNode) before : target.putArray(name), part);
    } else {
      target.set(name, part);
    }
  }

  /// Identities come whole, texts come in pieces.
  private static boolean isText(String name) {
    return switch (name) {
      case "role", "id", "type", "name", "format", "index" -> false;
      default -> true;
    };
  }

  private void append(ObjectNode target, String name, JsonNode part) {
    String piece = part.asString("");
    count.add(piece);
    texts
        .computeIfAbsent(target, _ -> new LinkedHashMap<>())
        .computeIfAbsent(name, _ -> begin(target, name))
        .append(piece);
  }

  private static StringBuilder begin(ObjectNode target, String name) {
    StringBuilder text = new StringBuilder(target.path(name).asString(""));
    // Holds the member's place among the others until the text is written.
    target.put(name, "");
    return text;
  }

  /// Elements that name their index are merged with the element of that index, others appended.
  private void mergeArray(ArrayNode target, JsonNode parts) {
    for (JsonNode part : parts) {
      ObjectNode existing = part.path("index").isInt() ? findIndex(target, part) : null;
      if (existing == null) {
        countText(part);
        target.add(part.deepCopy());
      } else {
        mergeMembers(existing, part);
      }
    }
  }

  private void countText(JsonNode part) {
    count.add(part.path("function").path("arguments").asString(""));
  }

  private static @Nullable ObjectNode findIndex(ArrayNode target, JsonNode part) {
    int index = part.path("index").intValue();
    for (JsonNode element : target) {
      if (element.isObject() && element.path("index").asInt(-1) == index) {
        return (ObjectNode) element;
      }
    }
    return null;
  }
}
