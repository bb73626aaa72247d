package dev.sluice.ingress.json;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// What a response was made from, as a list in pages. Each item has an id: its own, or one that its
/// place gives it. Immutable.
public final class InputItems {
  private static final JsonMapper MAPPER = JsonMapper.shared();

  private final List<ObjectNode> items;

  private InputItems(List<ObjectNode> items) {
    this.items = items;
  }

  /// @param named of the response, without its prefix
  public static InputItems of(ResponseRequest request, String named) {
    byte[] elements = request.items();
    byte[] array = new JsonOut(elements.length + 2).beginArray().raw(elements).endArray().toBytes();
    List<ObjectNode> items = new ArrayList<>();
    for (JsonNode element : MAPPER.readTree(array)) {
      if (element instanceof ObjectNode item) {
        items.add(shown(item, "item_" + named + "_" + items.size()));
      }
    }
    return new InputItems(items);
  }

  /// One page.
  ///
  /// @param newestFirst the vendor's order where none is asked for
  /// @param after id of the last item already seen
  /// @return empty when there is no such item
  public Optional<byte[]> page(boolean newestFirst, Optional<String> after, int limit) {
    List<ObjectNode> ordered = new ArrayList<>(items);
    if (newestFirst) {
      Collections.reverse(ordered);
    }
    int from = 0;
    if (after.isPresent()) {
      while (from < ordered.size() && !idOf(ordered.get(from)).equals(after.get())) {
        from++;
      }
      if (from == ordered.size()) {
        return Optional.empty();
      }
      from++;
    }
    List<ObjectNode> page = ordered.subList(from, Math.min(ordered.size(), from + limit));
    JsonOut out =
        new JsonOut(1_024).beginObject().field("object", "list").name("data").beginArray();
    page.forEach(item -> out.raw(MAPPER.writeValueAsBytes(item)));
    out.endArray()
        .textOrNull("first_id", page.isEmpty() ? "" : idOf(page.getFirst()))
        .textOrNull("last_id", page.isEmpty() ? "" : idOf(page.getLast()))
        .field("has_more", from + page.size() < ordered.size());
    return Optional.of(out.endObject().toBytes());
  }

  private static String idOf(ObjectNode item) {
    return item.path("id").stringValue("");
  }

  /// As the vendor shows an item: with type and id, and its text as content parts.
  private static ObjectNode shown(ObjectNode item, String id) {
    if (!item.has("type")) {
      item.put("type", "message");
    }
    if (!item.path("id").isString()) {
      item.put("id", id);
    }
    if (item.path("type").stringValue("").equals("message")) {
      if (!item.has("status")) {
        item.put("status", "completed");
      }
      if (item.path("content").isString()) {
        item.set("content", parts(item));
      }
    }
    return item;
  }

  private static ArrayNode parts(ObjectNode message) {
    boolean said = message.path("role").stringValue("").equals("assistant");
    ObjectNode part =
        MAPPER
            .createObjectNode()
            .put("type", said ? "output_text" : "input_text")
            .put("text", message.path("content").stringValue(""));
    if (said) {
      part.putArray("annotations");
    }
    return MAPPER.createArrayNode().add(part);
  }
}
