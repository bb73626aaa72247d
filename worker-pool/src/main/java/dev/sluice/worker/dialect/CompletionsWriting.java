package dev.sluice.worker.dialect;

import dev.sluice.worker.core.TokenUsage;
import java.time.Instant;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Writes the answers of completions. They are text alone: thinking is counted in the usage and not
/// shown, and a refusal is text.
final class CompletionsWriting implements AnswerWriting {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private final Call call;
  private final Events events;
  private final boolean wantsUsage;
  private final StringBuilder text = new StringBuilder();
  private String id = "";
  private String model = "";
  private String finish = "stop";

  CompletionsWriting(Call call, Events events) {
    this.call = call;
    this.events = events;
    this.wantsUsage = call.request().at("/stream_options/include_usage").asBoolean(false);
  }

  @Override
  public void part(AnswerPart part) {
    switch (part) {
      case AnswerPart.Begin begin -> {
        id = begin.id().isEmpty() ? call.id("cmpl-") : begin.id();
        model = begin.model();
      }
      case AnswerPart.Text(String more, _) -> text(more);
      case AnswerPart.Refusal(String more) -> text(more);
      case AnswerPart.Thinking _, AnswerPart.Signature _, AnswerPart.Redacted _ -> {}
      case AnswerPart.ToolCall _, AnswerPart.Arguments _ ->
          throw new UnexpectedAnswerException("the provider calls a tool that nobody offered");
      case AnswerPart.Stop stop -> finish = ChatWriting.finish(stop.reason());
    }
  }

  private void text(String more) {
    text.append(more);
    ObjectNode chunk = body(more);
    choice(chunk).putNull("finish_reason");
    events.event(chunk);
  }

  private ObjectNode body(String piece) {
    ObjectNode body =
        JSON.objectNode()
            .put("id", id)
            .put("object", "text_completion")
            .put("created", call.startedAt().getEpochSecond())
            .put("model", model);
    body.putArray("choices").addObject().put("text", piece).put("index", 0).putNull("logprobs");
    return body;
  }

  private static ObjectNode choice(ObjectNode body) {
    return (ObjectNode) body.path("choices").path(0);
  }

  @Override
  public ObjectNode end(TokenUsage usage, Instant at) {
    ObjectNode last = body("");
    choice(last).put("finish_reason", finish);
    events.event(last);
    if (wantsUsage) {
      ObjectNode counted = body("");
      counted.putArray("choices");
      counted.set("usage", UsageJson.chat(usage));
      events.event(counted);
    }
    ObjectNode whole = body(text.toString());
    choice(whole).put("finish_reason", finish);
    whole.set("usage", UsageJson.chat(usage));
    return whole;
  }
}
