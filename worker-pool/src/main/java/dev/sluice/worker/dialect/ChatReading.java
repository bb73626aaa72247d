package dev.sluice.worker.dialect;

import dev.sluice.worker.dialect.AnswerPart.Reason;
import java.util.Optional;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;

/// Reads the answers of chat completions, with the members by which many servers tell reasoning.
final class ChatReading implements AnswerReading {
  private final Consumer<AnswerPart> parts;
  private boolean begun;
  private int openCall = -1;

  ChatReading(Consumer<AnswerPart> parts) {
    this.parts = parts;
  }

  @Override
  public void whole(JsonNode answer) {
    begin(answer);
    JsonNode choice = answer.path("choices").path(0);
    if (!choice.path("message").isObject()) {
      throw new UnexpectedAnswerException("the provider's answer has no message");
    }
    piece(choice.path("message"), choice.path("logprobs").path("content"));
    stop(choice);
  }

  @Override
  public void event(JsonNode chunk) {
    begin(chunk);
    for (JsonNode choice : chunk.path("choices")) {
      if (choice.path("index").asInt(0) == 0) {
        piece(choice.path("delta"), choice.path("logprobs").path("content"));
        stop(choice);
      }
    }
  }

  private void begin(JsonNode answer) {
    if (!begun) {
      begun = true;
      parts.accept(
          new AnswerPart.Begin(answer.path("id").asString(""), answer.path("model").asString("")));
    }
  }

  private void piece(JsonNode message, JsonNode logprobs) {
    String thinking = text(message, "reasoning_content");
    String reasoning = thinking.isEmpty() ? text(message, "reasoning") : thinking;
    if (!reasoning.isEmpty()) {
      parts.accept(new AnswerPart.Thinking(reasoning));
    }
    String content = content(message.path("content"));
    if (!content.isEmpty()) {
      parts.accept(new AnswerPart.Text(content, logprobs.valueStream().toList()));
    }
    String refusal = text(message, "refusal");
    if (!refusal.isEmpty()) {
      parts.accept(new AnswerPart.Refusal(refusal));
    }
    int position = 0;
    for (JsonNode call : message.path("tool_calls")) {
      toolCall(call, position++);
    }
  }

  /// Some servers leave out the index of a call that comes whole.
  private void toolCall(JsonNode call, int position) {
    int index = call.path("index").asInt(position);
    JsonNode function = call.path("function");
    if (index > openCall) {
      openCall = index;
      parts.accept(
          new AnswerPart.ToolCall(
              call.path("id").asString("call_" + index), function.path("name").asString("")));
    } else if (index < openCall) {
      throw new UnexpectedAnswerException("the provider mixes the arguments of two tool calls");
    }
    String arguments = text(function, "arguments");
    if (!arguments.isEmpty()) {
      parts.accept(new AnswerPart.Arguments(arguments));
    }
  }

  private void stop(JsonNode choice) {
    JsonNode finish = choice.path("finish_reason");
    if (!finish.isString()) {
      return;
    }
    // vLLM and others say in `stop_reason` which sequence was met.
    Optional<String> sequence = Optional.of(choice.path("stop_reason").asString(""));
    Reason reason =
        switch (finish.asString()) {
          case "length" -> Reason.LENGTH;
          case "tool_calls", "function_call" -> Reason.TOOLS;
          case "content_filter" -> Reason.FILTERED;
          default -> sequence.get().isEmpty() ? Reason.END : Reason.SEQUENCE;
        };
    parts.accept(new AnswerPart.Stop(reason, sequence.filter(text -> !text.isEmpty())));
  }

  /// Text, or the text of parts.
  private static String content(JsonNode content) {
    if (!content.isArray()) {
      return content.isString() ? content.asString() : "";
    }
    StringBuilder text = new StringBuilder();
    for (JsonNode part : content) {
      text.append(text(part, "text"));
    }
    return text.toString();
  }

  private static String text(JsonNode node, String name) {
    JsonNode value = node.path(name);
    return value.isString() ? value.asString() : "";
  }
}
