package dev.sluice.ingress.json;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// A whole response as the events of a stream, for callers who asked for a stream of an answer that
/// came in one piece. Not on the usual path. Owned by one thread.
public final class ResponseEvents {
  private static final JsonMapper MAPPER = JsonMapper.shared();

  private final List<byte[]> events = new ArrayList<>();

  private ResponseEvents() {}

  /// The events from `response.created` to the one that ends the stream, numbered from 0.
  public static List<byte[]> of(byte[] response) {
    try {
      if (!(MAPPER.readTree(response) instanceof ObjectNode answer)) {
        return List.of(response);
      }
      ResponseEvents writer = new ResponseEvents();
      writer.write(answer);
      return writer.events;
    } catch (JacksonException _) {
      return List.of(response);
    }
  }

  private void write(ObjectNode answer) {
    ObjectNode begun = answer.deepCopy();
    begun.put("status", "in_progress").putNull("completed_at").putNull("usage");
    begun.putArray("output");
    emit(event("response.created").set("response", begun));
    emit(event("response.in_progress").set("response", begun));
    int index = 0;
    for (JsonNode item : answer.path("output")) {
      if (item instanceof ObjectNode object) {
        item(object, index++);
      }
    }
    String ending =
        switch (answer.path("status").stringValue("")) {
          case "incomplete" -> "response.incomplete";
          case "failed" -> "response.failed";
          default -> "response.completed";
        };
    emit(event(ending).set("response", answer));
  }

  private void item(ObjectNode item, int index) {
    String type = item.path("type").stringValue("");
    ObjectNode begun = item.deepCopy();
    if (item.has("status")) {
      begun.put("status", "in_progress");
    }
    if (type.equals("message")) {
      begun.putArray("content");
    } else if (type.equals("function_call")) {
      begun.put("arguments", "");
    }
    emit(event("response.output_item.added").put("output_index", index).set("item", begun));
    if (type.equals("message")) {
      int place = 0;
      for (JsonNode part : item.path("content")) {
        part(part, new At(item.path("id").stringValue(""), index, place++));
      }
    } else if (type.equals("function_call")) {
      arguments(item, new At(item.path("id").stringValue(""), index, 0));
    }
    emit(event("response.output_item.done").put("output_index", index).set("item", item));
  }

  /// Where in the output something is.
  private record At(String itemId, int index, int place) {}

  private void part(JsonNode part, At at) {
    boolean isText = part.path("type").stringValue("").equals("output_text");
    if (!(part.deepCopy() instanceof ObjectNode begun)) {
      return;
    }
    if (isText) {
      begun.put("text", "").putArray("annotations");
    }
    emit(content("response.content_part.added", at).set("part", begun));
    if (isText) {
      String text = part.path("text").stringValue("");
      JsonNode logprobs =
          part.path("logprobs").isArray() ? part.get("logprobs") : MAPPER.createArrayNode();
      emit(content("response.output_text.delta", at).put("delta", text).set("logprobs", logprobs));
      emit(content("response.output_text.done", at).put("text", text).set("logprobs", logprobs));
    }
    emit(content("response.content_part.done", at).set("part", part));
  }

  private void arguments(ObjectNode call, At at) {
    String arguments = call.path("arguments").stringValue("");
    emit(output("response.function_call_arguments.delta", at).put("delta", arguments));
    emit(
        output("response.function_call_arguments.done", at)
            .put("name", call.path("name").stringValue(""))
            .put("arguments", arguments));
  }

  private ObjectNode output(String type, At at) {
    return event(type).put("item_id", at.itemId()).put("output_index", at.index());
  }

  private ObjectNode content(String type, At at) {
    return output(type, at).put("content_index", at.place());
  }

  private ObjectNode event(String type) {
    return MAPPER.createObjectNode().put("type", type).put("sequence_number", events.size());
  }

  private void emit(ObjectNode event) {
    events.add(MAPPER.writeValueAsBytes(event));
  }
}
