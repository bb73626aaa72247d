package dev.sluice.worker.dialect;

import dev.sluice.worker.core.Endpoint;
import dev.sluice.worker.core.TokenUsage;
import dev.sluice.worker.dialect.AnswerPart.Reason;
import dev.sluice.worker.wire.JsonText;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Writes the answers of Anthropic's messages. The counts of `message_start` are zero, since those
/// of the prompt are known only at the end; `message_delta` has all of them.
final class MessagesWriting implements AnswerWriting {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final Call call;
  private final Events events;
  private final ArrayNode content = JSON.arrayNode();
  private final StringBuilder text = new StringBuilder();
  private @Nullable ObjectNode block;
  private String model = "";
  private boolean refused;

  /// Arguments that the limit of tokens cut off are no JSON; the answer then says why it ends.
  private boolean brokenInput;

  private AnswerPart.Stop stop = new AnswerPart.Stop(Reason.END, java.util.Optional.empty());

  MessagesWriting(Call call, Events events) {
    this.call = call;
    this.events = events;
  }

  @Override
  public void part(AnswerPart part) {
    switch (part) {
      case AnswerPart.Begin begin -> {
        model = begin.model();
        ObjectNode started = event("message_start");
        ObjectNode empty = message(JSON.arrayNode(), TokenUsage.NONE);
        ((ObjectNode) empty.path("usage")).putNull("cache_creation");
        started.set("message", empty);
        events.event(started);
      }
      case AnswerPart.Thinking(String more) -> {
        open("thinking");
        text.append(more);
        delta(JSON.objectNode().put("type", "thinking_delta").put("thinking", more));
      }
      case AnswerPart.Signature(String seal) -> {
        open("thinking").put("signature", seal);
        delta(JSON.objectNode().put("type", "signature_delta").put("signature", seal));
        close();
      }
      case AnswerPart.Redacted(String data) -> {
        close();
        start(JSON.objectNode().put("type", "redacted_thinking").put("data", data));
        close();
      }
      case AnswerPart.Text(String more, _) -> text(more);
      case AnswerPart.Refusal(String more) -> {
        refused = true;
        text(more);
      }
      case AnswerPart.ToolCall(String id, String name) -> {
        close();
        ObjectNode tool = JSON.objectNode().put("type", "tool_use").put("id", id).put("name", name);
        tool.putObject("input");
        tool.putObject("caller").put("type", "direct");
        start(tool);
      }
      case AnswerPart.Arguments(String json) -> {
        if (block == null || !block.path("type").asString("").equals("tool_use")) {
          throw new UnexpectedAnswerException("the provider mixes a tool call with other content");
        }
        text.append(json);
        delta(JSON.objectNode().put("type", "input_json_delta").put("partial_json", json));
      }
      case AnswerPart.Stop end -> stop = end;
    }
  }

  private void text(String more) {
    open("text");
    text.append(more);
    delta(JSON.objectNode().put("type", "text_delta").put("text", more));
  }

  /// The open block of a type; opens one where another was open.
  private ObjectNode open(String type) {
    if (block != null && block.path("type").asString("").equals(type)) {
      return block;
    }
    close();
    ObjectNode next = JSON.objectNode().put("type", type);
    if (type.equals("thinking")) {
      next.put("thinking", "").put("signature", "");
    } else {
      next.put("text", "").putNull("citations");
    }
    return start(next);
  }

  private ObjectNode start(ObjectNode next) {
    ObjectNode started = event("content_block_start").put("index", content.size());
    started.set("content_block", next.deepCopy());
    events.event(started);
    content.add(next);
    text.setLength(0);
    block = next;
    return next;
  }

  private void delta(ObjectNode delta) {
    ObjectNode event = event("content_block_delta").put("index", content.size() - 1);
    event.set("delta", delta);
    events.event(event);
  }

  private void close() {
    ObjectNode open = block;
    if (open == null) {
      return;
    }
    switch (open.path("type").asString("")) {
      case "text" -> open.put("text", text.toString());
      case "thinking" -> open.put("thinking", text.toString());
      case "tool_use" -> open.set("input", input(text.toString()));
      default -> {
        // Came whole.
      }
    }
    block = null;
    events.event(event("content_block_stop").put("index", content.size() - 1));
  }

  private JsonNode input(String json) {
    try {
      JsonNode input = json.isBlank() ? JSON.objectNode() : JsonText.MAPPER.readTree(json);
      if (input.isObject()) {
        return input;
      }
    } catch (JacksonException e) {
      brokenInput = true;
      return JSON.objectNode();
    }
    brokenInput = true;
    return JSON.objectNode();
  }

  private ObjectNode message(ArrayNode blocks, TokenUsage usage) {
    ObjectNode message =
        JSON.objectNode()
            .put("id", call.id(Endpoint.MESSAGES))
            .put("type", "message")
            .put("role", "assistant")
            .put("model", model);
    message.set("content", blocks);
    message.putNull("stop_reason");
    message.putNull("stop_sequence");
    message.putNull("stop_details");
    message.putNull("container");
    message.putNull("diagnostics");
    message.set("usage", UsageJson.messages(usage));
    return message;
  }

  @Override
  public ObjectNode end(TokenUsage usage, Instant at) {
    close();
    if (brokenInput && stop.reason() != Reason.LENGTH) {
      throw new UnexpectedAnswerException("the arguments of a tool call are no JSON object");
    }
    ObjectNode last = event("message_delta");
    putStop(last.putObject("delta"));
    ((ObjectNode) last.path("delta")).putNull("stop_details").putNull("container");
    last.set("usage", UsageJson.messages(usage));
    events.event(last);
    events.event(event("message_stop"));
    ObjectNode whole = message(content, usage);
    putStop(whole);
    return whole;
  }

  private void putStop(ObjectNode node) {
    node.put("stop_reason", reason());
    stop.sequence()
        .ifPresentOrElse(
            sequence -> node.put("stop_sequence", sequence), () -> node.putNull("stop_sequence"));
  }

  private String reason() {
    return switch (stop.reason()) {
      case END -> refused ? "refusal" : "end_turn";
      case SEQUENCE -> "stop_sequence";
      case LENGTH -> "max_tokens";
      case TOOLS -> "tool_use";
      case FILTERED -> "refusal";
      case PAUSE -> "pause_turn";
    };
  }

  private static ObjectNode event(String type) {
    return JSON.objectNode().put("type", type);
  }
}
