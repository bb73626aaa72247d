package dev.sluice.worker.provider.simulated;

import dev.sluice.contract.model.Policy;
import dev.sluice.contract.model.TokenKind;
import dev.sluice.worker.core.Endpoint;
import dev.sluice.worker.core.TokenUsage;
import dev.sluice.worker.provider.ProviderRequest;
import dev.sluice.worker.wire.JsonText;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// What the simulated provider will say to one request: a function of the request alone, but for
/// the time it carries.
final class SimulatedAnswer {
  private static final String[] WORDS = {
    "water", "finds", "its", "way", "through", "every", "gate", "and", "the", "log", "keeps",
    "what", "was", "said", "while", "the", "river", "runs", "on"
  };
  private static final int PROMPT_BYTES_A_TOKEN = 4;

  private final ProviderRequest request;
  private final JsonNode body;
  private final String model;
  private final String id;
  private final long createdSeconds;
  private final int seed;
  private final int tokens;
  private final boolean cutByLimit;
  private final int promptTokens;

  private SimulatedAnswer(
      ProviderRequest request, JsonNode body, Policy.Simulation simulation, long createdSeconds) {
    this.request = request;
    this.body = body;
    this.model =
        request.model().equals("*") ? body.path("model").asString("simulated") : request.model();
    this.seed = java.util.Arrays.hashCode(request.body());
    this.id = (chat() ? "chatcmpl-sim" : "cmpl-sim") + Integer.toHexString(seed);
    this.createdSeconds = createdSeconds;
    int limit = limit(request, body);
    this.tokens = Math.max(1, Math.min(limit, simulation.outputTokens()));
    this.cutByLimit = limit < simulation.outputTokens();
    this.promptTokens = Math.max(1, textSize(prompt()) / PROMPT_BYTES_A_TOKEN);
  }

  /// Plans the answer; empty when the body is not a JSON object.
  static Optional<SimulatedAnswer> plan(
      ProviderRequest request, Policy.Simulation simulation, long createdSeconds) {
    try {
      JsonNode body = JsonText.MAPPER.readTree(request.body());
      return body.isObject()
          ? Optional.of(new SimulatedAnswer(request, body, simulation, createdSeconds))
          : Optional.empty();
    } catch (JacksonException e) {
      return Optional.empty();
    }
  }

  String model() {
    return model;
  }

  int tokens() {
    return request.endpoint().generates() ? tokens : 0;
  }

  private boolean chat() {
    return request.endpoint() == Endpoint.CHAT;
  }

  boolean wantsUsageChunk() {
    return body.path("stream_options").path("include_usage").asBoolean(false);
  }

  TokenUsage estimated(int outputTokens) {
    Map<TokenKind, Long> counts = new EnumMap<>(TokenKind.class);
    counts.put(TokenKind.INPUT, (long) promptTokens);
    counts.put(TokenKind.OUTPUT, (long) outputTokens);
    return new TokenUsage(counts, TokenUsage.Source.ESTIMATED);
  }

  byte[] chunk(int token) {
    String text = JsonText.MAPPER.writeValueAsString(word(token));
    String piece =
        chat()
            ? "\"delta\":{"
                + (token == 0 ? "\"role\":\"assistant\"," : "")
                + "\"content\":"
                + text
                + "}"
            : "\"text\":" + text;
    return json(head(true) + choice(piece, "null") + "}");
  }

  byte[] lastChunk() {
    return json(head(true) + choice(chat() ? "\"delta\":{}" : "\"text\":\"\"", finish()) + "}");
  }

  byte[] usageChunk() {
    return json(head(true) + ",\"choices\":[],\"usage\":" + usage() + "}");
  }

  byte[] body() {
    return switch (request.endpoint()) {
      case CHAT, COMPLETIONS -> completion();
      case EMBEDDINGS -> SimulatedVectors.answer(body, model, seed, promptTokens);
      case MODERATIONS -> SimulatedModeration.answer(body, model, seed);
      case RESPONSES, MESSAGES, COUNT_TOKENS ->
          throw new IllegalStateException(request.endpoint() + " is translated");
    };
  }

  private byte[] completion() {
    StringBuilder text = new StringBuilder(tokens * 6);
    for (int token = 0; token < tokens; token++) {
      text.append(word(token));
    }
    String content = JsonText.MAPPER.writeValueAsString(text.toString());
    String piece =
        chat()
            ? "\"message\":{\"role\":\"assistant\",\"content\":" + content + ",\"refusal\":null}"
            : "\"text\":" + content;
    return json(head(false) + choice(piece, finish()) + ",\"usage\":" + usage() + "}");
  }

  private String head(boolean chunk) {
    String object =
        chat() ? (chunk ? "chat.completion.chunk" : "chat.completion") : "text_completion";
    return "{\"id\":\""
        + id
        + "\",\"object\":\""
        + object
        + "\",\"created\":"
        + createdSeconds
        + ",\"model\":"
        + quotedModel();
  }

  private String quotedModel() {
    return JsonText.MAPPER.writeValueAsString(model);
  }

  private static String choice(String piece, String finishReason) {
    return ",\"choices\":[{\"index\":0,"
        + piece
        + ",\"logprobs\":null,\"finish_reason\":"
        + finishReason
        + "}]";
  }

  private String finish() {
    return cutByLimit ? "\"length\"" : "\"stop\"";
  }

  private String usage() {
    return "{\"prompt_tokens\":"
        + promptTokens
        + ",\"completion_tokens\":"
        + tokens
        + ",\"total_tokens\":"
        + (promptTokens + tokens)
        + "}";
  }

  private String word(int token) {
    String word = WORDS[Math.floorMod(seed + token, WORDS.length)];
    return token == 0 ? word : " " + word;
  }

  private JsonNode prompt() {
    return switch (request.endpoint()) {
      case CHAT -> body.path("messages");
      case COMPLETIONS -> body.path("prompt");
      case EMBEDDINGS, MODERATIONS, RESPONSES, MESSAGES, COUNT_TOKENS -> body.path("input");
    };
  }

  private static int limit(ProviderRequest request, JsonNode body) {
    int fallback = request.defaultMaxTokens().orElse(Integer.MAX_VALUE);
    int older = body.path("max_tokens").asInt(fallback);
    return body.path("max_completion_tokens").asInt(older);
  }

  /// Size of all text below a node, in UTF-16 units.
  static int textSize(JsonNode node) {
    if (node.isString()) {
      return node.asString().length();
    }
    int size = 0;
    for (JsonNode child : node) {
      size += textSize(child);
    }
    return size;
  }

  private static byte[] json(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
