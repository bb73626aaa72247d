package dev.sluice.worker.dialect;

import dev.sluice.worker.core.Endpoint;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Completions over chat: the prompt is what a user says. Several prompts, tokens as numbers and
/// what only a bare model can do have no place there.
final class CompletionsToChat implements Pair {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  @Override
  public Endpoint provider() {
    return Endpoint.CHAT;
  }

  @Override
  public AnswerReading reading(Consumer<AnswerPart> parts) {
    return new ChatReading(parts);
  }

  @Override
  public AnswerWriting writing(Call call, AnswerWriting.Events events) {
    return new CompletionsWriting(call, events);
  }

  @Override
  public ObjectNode request(Call call) {
    Members body = Members.of(call.request(), "");
    ObjectNode chat = JSON.objectNode();
    body.copy(chat, "model");
    chat.putArray("messages").addObject().put("role", "user").set("content", prompt(body));
    body.copyAs(chat, "max_tokens", call.maxTokensField());
    body.copy(
        chat,
        "temperature",
        "top_p",
        "stop",
        "frequency_penalty",
        "presence_penalty",
        "logit_bias",
        "seed",
        "user");
    body.ignore("stream", "stream_options", "service_tier", "metadata");
    body.onlyNeutral("n", "1");
    body.onlyNeutral("best_of", "1");
    body.onlyNeutral("echo", "false");
    body.onlyNeutral("suffix", "\"\"");
    body.end();
    return chat;
  }

  private static JsonNode prompt(Members body) {
    JsonNode prompt = body.take("prompt");
    JsonNode only = prompt.isArray() && prompt.size() == 1 ? prompt.path(0) : prompt;
    if (!only.isString()) {
      throw body.refusal("prompt", "must be one text for this model");
    }
    return only;
  }
}
