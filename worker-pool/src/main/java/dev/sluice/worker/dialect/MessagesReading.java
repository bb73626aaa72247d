package dev.sluice.worker.dialect;

import dev.sluice.worker.dialect.AnswerPart.Reason;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;

/// Reads the answers of Anthropic's messages.
final class MessagesReading implements AnswerReading {
  private static final String NO_ARGUMENTS = "{}";

  private final Consumer<AnswerPart> parts;
  private boolean inToolCall;
  private boolean hasArguments;

  MessagesReading(Consumer<AnswerPart> parts) {
    this.parts = parts;
  }

  @Override
  public void whole(JsonNode message) {
    begin(message);
    for (JsonNode block : message.path("content")) {
      block(block);
      endBlock();
    }
    stop(message);
  }

  @Override
  public void event(JsonNode event) {
    switch (event.path("type").asString("")) {
      case "message_start" -> begin(event.path("message"));
      case "content_block_start" -> block(event.path("content_block"));
      case "content_block_delta" -> delta(event.path("delta"));
      case "content_block_stop" -> endBlock();
      case "message_delta" -> stop(event.path("delta"));
      default -> {
        // Pings and the end, which say nothing of the answer.
      }
    }
  }

  private void begin(JsonNode message) {
    parts.accept(
        new AnswerPart.Begin(message.path("id").asString(""), message.path("model").asString("")));
  }

  private void block(JsonNode block) {
    String type = block.path("type").asString("");
    switch (type) {
      case "text" -> text(block.path("text").asString(""));
      case "thinking" -> {
        thinking(block.path("thinking").asString(""));
        signature(block.path("signature").asString(""));
      }
      case "redacted_thinking" ->
          parts.accept(new AnswerPart.Redacted(block.path("data").asString("")));
      case "tool_use" -> {
        inToolCall = true;
        hasArguments = false;
        parts.accept(
            new AnswerPart.ToolCall(
                block.path("id").asString(""), block.path("name").asString("")));
        if (!block.path("input").isEmpty()) {
          arguments(block.path("input").toString());
        }
      }
      default ->
          throw new UnexpectedAnswerException(
              "the provider's answer has a block of type " + type + ", which was not asked for");
    }
  }

  private void delta(JsonNode delta) {
    switch (delta.path("type").asString("")) {
      case "text_delta" -> text(delta.path("text").asString(""));
      case "thinking_delta" -> thinking(delta.path("thinking").asString(""));
      case "signature_delta" -> signature(delta.path("signature").asString(""));
      case "input_json_delta" -> arguments(delta.path("partial_json").asString(""));
      default -> {
        // Citations: only of documents that were sent with the wish for them.
      }
    }
  }

  /// A tool that takes nothing is called with an empty object, not with nothing.
  private void endBlock() {
    if (inToolCall && !hasArguments) {
      arguments(NO_ARGUMENTS);
    }
    inToolCall = false;
  }

  private void text(String text) {
    if (!text.isEmpty()) {
      parts.accept(new AnswerPart.Text(text, List.of()));
    }
  }

  private void thinking(String text) {
    if (!text.isEmpty()) {
      parts.accept(new AnswerPart.Thinking(text));
    }
  }

  private void signature(String seal) {
    if (!seal.isEmpty()) {
      parts.accept(new AnswerPart.Signature(seal));
    }
  }

  private void arguments(String json) {
    if (!json.isEmpty()) {
      hasArguments = true;
      parts.accept(new AnswerPart.Arguments(json));
    }
  }

  private void stop(JsonNode end) {
    JsonNode said = end.path("stop_reason");
    if (!said.isString()) {
      return;
    }
    Reason reason =
        switch (said.asString()) {
          case "max_tokens", "model_context_window_exceeded" -> Reason.LENGTH;
          case "tool_use" -> Reason.TOOLS;
          case "refusal" -> Reason.FILTERED;
          case "stop_sequence" -> Reason.SEQUENCE;
          case "pause_turn" -> Reason.PAUSE;
          default -> Reason.END;
        };
    JsonNode sequence = end.path("stop_sequence");
    parts.accept(
        new AnswerPart.Stop(
            reason, sequence.isString() ? Optional.of(sequence.asString()) : Optional.empty()));
  }
}
