package dev.sluice.worker.dialect;

import dev.sluice.worker.core.TokenUsage;
import java.time.Instant;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Writes the answers of chat completions. Thinking goes into `reasoning_content`, as many servers
/// have it; with its seal it also goes into `thinking_blocks`, which a caller sends back untouched
/// so that the provider can go on thinking.
final class ChatWriting implements AnswerWriting {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final Call call;
  private final Events events;
  private final boolean wantsUsage;
  private final StringBuilder text = new StringBuilder();
  private final StringBuilder refusal = new StringBuilder();
  private final StringBuilder reasoning = new StringBuilder();
  private final StringBuilder thought = new StringBuilder();
  private final ArrayNode thinkingBlocks = JSON.arrayNode();
  private final ArrayNode logprobs = JSON.arrayNode();
  private final ToolCalls tools = new ToolCalls();
  private String id = "";
  private String model = "";
  private String finish = "stop";

  ChatWriting(Call call, Events events) {
    this.call = call;
    this.events = events;
    this.wantsUsage = call.request().at("/stream_options/include_usage").asBoolean(false);
  }

  @Override
  public void part(AnswerPart part) {
    switch (part) {
      case AnswerPart.Begin begin -> {
        id = begin.id().isEmpty() ? call.id("chatcmpl-") : begin.id();
        model = begin.model();
        delta(JSON.objectNode().put("role", "assistant").put("content", ""));
      }
      case AnswerPart.Thinking(String more) -> {
        reasoning.append(more);
        thought.append(more);
        delta(JSON.objectNode().put("reasoning_content", more));
      }
      case AnswerPart.Signature(String seal) -> {
        thinkingBlock(
            JSON.objectNode()
                .put("type", "thinking")
                .put("thinking", thought.toString())
                .put("signature", seal));
        thought.setLength(0);
      }
      case AnswerPart.Redacted(String data) ->
          thinkingBlock(JSON.objectNode().put("type", "redacted_thinking").put("data", data));
      case AnswerPart.Text(String more, var probabilities) -> {
        text.append(more);
        probabilities.forEach(logprobs::add);
        delta(JSON.objectNode().put("content", more));
      }
      case AnswerPart.Refusal(String more) -> {
        refusal.append(more);
        delta(JSON.objectNode().put("refusal", more));
      }
      case AnswerPart.ToolCall(String callId, String name) -> {
        tools.begin(callId, name);
        toolDelta(JSON.objectNode().put("name", name).put("arguments", ""), Optional.of(callId));
      }
      case AnswerPart.Arguments(String json) -> {
        tools.append(json);
        toolDelta(JSON.objectNode().put("arguments", json), Optional.empty());
      }
      case AnswerPart.Stop stop -> finish = finish(stop.reason());
    }
  }

  static String finish(AnswerPart.Reason reason) {
    return switch (reason) {
      case END, SEQUENCE, PAUSE -> "stop";
      case LENGTH -> "length";
      case TOOLS -> "tool_calls";
      case FILTERED -> "content_filter";
    };
  }

  private void thinkingBlock(ObjectNode block) {
    thinkingBlocks.add(block);
    ObjectNode delta = JSON.objectNode();
    delta.putArray("thinking_blocks").add(block);
    delta(delta);
  }

  private void toolDelta(ObjectNode function, Optional<String> callId) {
    ObjectNode delta = JSON.objectNode();
    ObjectNode one = delta.putArray("tool_calls").addObject().put("index", tools.last());
    callId.ifPresent(value -> one.put("id", value).put("type", "function"));
    one.set("function", function);
    delta(delta);
  }

  private void delta(ObjectNode delta) {
    events.event(chunk(delta, JSON.nullNode()));
  }

  private ObjectNode chunk(ObjectNode delta, JsonNode finishReason) {
    ObjectNode chunk = head("chat.completion.chunk");
    ObjectNode choice = chunk.putArray("choices").addObject().put("index", 0);
    choice.set("delta", delta);
    choice.putNull("logprobs");
    choice.set("finish_reason", finishReason);
    if (wantsUsage) {
      chunk.putNull("usage");
    }
    return chunk;
  }

  private ObjectNode head(String object) {
    return JSON.objectNode()
        .put("id", id)
        .put("object", object)
        .put("created", call.startedAt().getEpochSecond())
        .put("model", model);
  }

  @Override
  public ObjectNode end(TokenUsage usage, Instant at) {
    events.event(chunk(JSON.objectNode(), JSON.stringNode(finish)));
    if (wantsUsage) {
      ObjectNode last = head("chat.completion.chunk");
      last.putArray("choices");
      last.set("usage", UsageJson.chat(usage));
      events.event(last);
    }
    ObjectNode whole = head("chat.completion");
    ObjectNode choice = whole.putArray("choices").addObject().put("index", 0);
    choice.set("message", message());
    if (logprobs.isEmpty()) {
      choice.putNull("logprobs");
    } else {
      choice.putObject("logprobs").set("content", logprobs);
    }
    choice.put("finish_reason", finish);
    whole.set("usage", UsageJson.chat(usage));
    return whole;
  }

  private ObjectNode message() {
    ObjectNode message = JSON.objectNode().put("role", "assistant");
    putOrNull(message, "content", text);
    putOrNull(message, "refusal", refusal);
    if (!reasoning.isEmpty()) {
      message.put("reasoning_content", reasoning.toString());
    }
    if (!thinkingBlocks.isEmpty()) {
      message.set("thinking_blocks", thinkingBlocks);
    }
    if (!tools.isEmpty()) {
      message.set("tool_calls", tools.chat());
    }
    return message;
  }

  private static void putOrNull(ObjectNode node, String name, StringBuilder value) {
    if (value.isEmpty()) {
      node.putNull(name);
    } else {
      node.put(name, value.toString());
    }
  }
}
