package dev.sluice.worker.dialect;

import dev.sluice.worker.core.TokenUsage;
import dev.sluice.worker.dialect.AnswerPart.Reason;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Writes the answers of responses: items of reasoning, message and function calls, in the order in
/// which they come, and every event of their making, numbered without gaps.
final class ResponsesWriting implements AnswerWriting {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final Call call;
  private final ResponseObject response;
  private final Events events;
  private final ArrayNode output = JSON.arrayNode();
  private final StringBuilder text = new StringBuilder();
  private ArrayNode logprobs = JSON.arrayNode();
  private @Nullable ObjectNode item;
  private @Nullable ObjectNode content;
  private Reason reason = Reason.END;
  private int sequence;

  ResponsesWriting(Call call, Events events) {
    this.call = call;
    this.response = new ResponseObject(call);
    this.events = events;
  }

  @Override
  public void part(AnswerPart part) {
    switch (part) {
      case AnswerPart.Begin begin -> {
        response.model(begin.model());
        stage("response.created", response.running());
        stage("response.in_progress", response.running());
      }
      case AnswerPart.Thinking(String more) -> {
        openContent("reasoning", "reasoning_text");
        text.append(more);
        delta("response.reasoning_text.delta", more, false, List.of());
      }
      case AnswerPart.Signature(String seal) -> seal(seal);
      case AnswerPart.Redacted(String data) -> {
        closeItem("completed");
        seal(ResponsesToChat.REDACTED + data);
      }
      case AnswerPart.Text(String more, var probabilities) -> {
        openContent("message", "output_text");
        text.append(more);
        probabilities.forEach(logprobs::add);
        delta("response.output_text.delta", more, true, probabilities);
      }
      case AnswerPart.Refusal(String more) -> {
        openContent("message", "refusal");
        text.append(more);
        delta("response.refusal.delta", more, false, List.of());
      }
      case AnswerPart.ToolCall(String id, String name) -> {
        closeItem("completed");
        start(
            JSON.objectNode()
                .put("id", itemId("fc_"))
                .put("type", "function_call")
                .put("status", "in_progress")
                .put("arguments", "")
                .put("call_id", id)
                .put("name", name));
      }
      case AnswerPart.Arguments(String json) -> {
        if (!isOpen("function_call")) {
          throw new UnexpectedAnswerException("the provider mixes a tool call with other content");
        }
        text.append(json);
        ObjectNode event = itemEvent("response.function_call_arguments.delta");
        emit(event.put("delta", json));
      }
      case AnswerPart.Stop stop -> reason = stop.reason();
    }
  }

  private boolean isOpen(String type) {
    return item != null && item.path("type").asString("").equals(type);
  }

  /// The provider's seal stands where this dialect has its own: the caller sends both back alike.
  private void seal(String seal) {
    ObjectNode open = isOpen("reasoning") && item != null ? item : start(reasoningItem());
    closeContent();
    open.put("encrypted_content", seal);
    closeItem("completed");
  }

  private ObjectNode reasoningItem() {
    ObjectNode next =
        JSON.objectNode()
            .put("id", itemId("rs_"))
            .put("type", "reasoning")
            .put("status", "in_progress");
    next.putArray("summary");
    next.putArray("content");
    return next;
  }

  private ObjectNode messageItem() {
    ObjectNode next =
        JSON.objectNode()
            .put("id", itemId("msg_"))
            .put("type", "message")
            .put("status", "in_progress")
            .put("role", "assistant");
    next.putArray("content");
    return next;
  }

  private String itemId(String prefix) {
    return call.id(prefix) + "_" + output.size();
  }

  /// Makes sure that a part of a type is open in an item of a type.
  private void openContent(String itemType, String type) {
    if (!isOpen(itemType)) {
      closeItem("completed");
      start(itemType.equals("reasoning") ? reasoningItem() : messageItem());
    }
    if (content == null || !content.path("type").asString("").equals(type)) {
      closeContent();
      startContent(type);
    }
  }

  private ObjectNode start(ObjectNode next) {
    output.add(next);
    item = next;
    text.setLength(0);
    ObjectNode event = event("response.output_item.added").put("output_index", output.size() - 1);
    event.set("item", next.deepCopy());
    emit(event);
    return next;
  }

  private void startContent(String type) {
    ObjectNode part = JSON.objectNode().put("type", type);
    switch (type) {
      case "output_text" -> {
        part.put("text", "");
        part.putArray("annotations");
        part.putArray("logprobs");
      }
      case "refusal" -> part.put("refusal", "");
      default -> part.put("text", "");
    }
    text.setLength(0);
    logprobs = JSON.arrayNode();
    open().withArray("/content").add(part);
    content = part;
    ObjectNode event = partEvent("response.content_part.added");
    event.set("part", part.deepCopy());
    emit(event);
  }

  private void delta(String type, String more, boolean withLogprobs, List<JsonNode> probabilities) {
    ObjectNode event = partEvent(type).put("delta", more);
    if (withLogprobs) {
      ArrayNode list = event.putArray("logprobs");
      probabilities.forEach(list::add);
    }
    emit(event);
  }

  private void closeContent() {
    ObjectNode part = content;
    if (part == null) {
      return;
    }
    String whole = text.toString();
    switch (part.path("type").asString("")) {
      case "output_text" -> {
        part.put("text", whole);
        part.set("logprobs", logprobs);
        ObjectNode done = partEvent("response.output_text.done").put("text", whole);
        done.set("logprobs", logprobs);
        emit(done);
      }
      case "refusal" -> {
        part.put("refusal", whole);
        emit(partEvent("response.refusal.done").put("refusal", whole));
      }
      default -> {
        part.put("text", whole);
        emit(partEvent("response.reasoning_text.done").put("text", whole));
      }
    }
    ObjectNode event = partEvent("response.content_part.done");
    event.set("part", part.deepCopy());
    emit(event);
    content = null;
  }

  private void closeItem(String status) {
    ObjectNode open = item;
    if (open == null) {
      return;
    }
    closeContent();
    if (isOpen("function_call")) {
      open.put("arguments", text.toString());
      emit(itemEvent("response.function_call_arguments.done").put("arguments", text.toString()));
    }
    open.put("status", status);
    ObjectNode event = event("response.output_item.done").put("output_index", output.size() - 1);
    event.set("item", open.deepCopy());
    emit(event);
    item = null;
  }

  private ObjectNode open() {
    if (item == null) {
      throw new IllegalStateException("no item is open");
    }
    return item;
  }

  private ObjectNode itemEvent(String type) {
    return event(type)
        .put("item_id", open().path("id").asString(""))
        .put("output_index", output.size() - 1);
  }

  private ObjectNode partEvent(String type) {
    return itemEvent(type).put("content_index", open().path("content").size() - 1);
  }

  private static ObjectNode event(String type) {
    return JSON.objectNode().put("type", type);
  }

  private void stage(String type, ObjectNode state) {
    ObjectNode event = event(type);
    event.set("response", state);
    emit(event);
  }

  private void emit(ObjectNode event) {
    events.event(event.put("sequence_number", sequence++));
  }

  @Override
  public ObjectNode end(TokenUsage usage, Instant at) {
    Optional<String> cut =
        switch (reason) {
          case LENGTH -> Optional.of("max_output_tokens");
          case FILTERED -> Optional.of("content_filter");
          case END, SEQUENCE, TOOLS, PAUSE -> Optional.empty();
        };
    closeItem(cut.isPresent() ? "incomplete" : "completed");
    ObjectNode whole = response.ended(cut, output, usage, at);
    stage(cut.isPresent() ? "response.incomplete" : "response.completed", whole);
    return whole;
  }
}
