package dev.sluice.ingress.json;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// A whole message of Anthropic's dialect as the events of a stream, for callers who asked for a
/// stream of an answer that came in one piece. Not on the usual path. Owned by one thread.
public final class MessageEvents {
  private static final JsonMapper MAPPER = JsonMapper.shared();

  private final List<byte[]> events = new ArrayList<>();

  private MessageEvents() {}

  /// The events from `message_start` to `message_stop`.
  public static List<byte[]> of(byte[] message) {
    try {
      if (!(MAPPER.readTree(message) instanceof ObjectNode answer)) {
        return List.of(message);
      }
      MessageEvents writer = new MessageEvents();
      writer.write(answer);
      return writer.events;
    } catch (JacksonException _) {
      return List.of(message);
    }
  }

  private void write(ObjectNode answer) {
    ObjectNode begun = answer.deepCopy();
    begun.putNull("stop_reason").putNull("stop_sequence");
    begun.putArray("content");
    if (begun.get("usage") instanceof ObjectNode usage) {
      usage.put("output_tokens", 0);
    }
    emit(event("message_start").set("message", begun));
    int index = 0;
    for (JsonNode block : answer.path("content")) {
      if (block instanceof ObjectNode object) {
        block(object, index++);
      }
    }
    ObjectNode delta = MAPPER.createObjectNode();
    for (String name : List.of("stop_reason", "stop_sequence", "stop_details", "container")) {
      if (answer.has(name)) {
        delta.set(name, answer.get(name));
      }
    }
    ObjectNode end = event("message_delta").set("delta", delta);
    if (answer.has("usage")) {
      end.set("usage", answer.get("usage"));
    }
    emit(end);
    emit(event("message_stop"));
  }

  private void block(ObjectNode block, int index) {
    ObjectNode begun = block.deepCopy();
    List<ObjectNode> deltas = new ArrayList<>();
    switch (block.path("type").stringValue("")) {
      case "text" -> {
        begun.put("text", "");
        deltas.add(delta("text_delta").set("text", block.path("text")));
      }
      case "thinking" -> {
        begun.put("thinking", "").put("signature", "");
        deltas.add(delta("thinking_delta").set("thinking", block.path("thinking")));
        if (block.has("signature")) {
          deltas.add(delta("signature_delta").set("signature", block.get("signature")));
        }
      }
      case "tool_use", "server_tool_use" -> {
        begun.putObject("input");
        String input = MAPPER.writeValueAsString(block.path("input"));
        deltas.add(delta("input_json_delta").put("partial_json", input));
      }
      default -> {
        // It has no parts: the start carries all of it.
      }
    }
    emit(event("content_block_start").put("index", index).set("content_block", begun));
    for (ObjectNode delta : deltas) {
      emit(event("content_block_delta").put("index", index).set("delta", delta));
    }
    emit(event("content_block_stop").put("index", index));
  }

  private static ObjectNode delta(String type) {
    return MAPPER.createObjectNode().put("type", type);
  }

  private static ObjectNode event(String type) {
    return MAPPER.createObjectNode().put("type", type);
  }

  private void emit(ObjectNode event) {
    events.add(MAPPER.writeValueAsBytes(event));
  }
}
