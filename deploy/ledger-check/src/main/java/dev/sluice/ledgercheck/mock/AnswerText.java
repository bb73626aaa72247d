package dev.sluice.ledgercheck.mock;

import dev.sluice.ledgercheck.core.Call;
import dev.sluice.ledgercheck.core.Tokens;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/// The bodies of the mock's answers, in OpenAI's shapes.
final class AnswerText {
  private static final JsonMapper JSON = new JsonMapper();

  private AnswerText() {}

  private static final int CHARACTERS_PER_TOKEN = 4;

  /// The text of the whole answer, four characters a token: marker, nonce, then filler words.
  static List<String> pieces(String marker, String nonce, long outputTokens) {
    int length = Math.toIntExact(outputTokens * CHARACTERS_PER_TOKEN);
    StringBuilder text = new StringBuilder(marker).append(' ').append(nonce);
    while (text.length() < length) {
      text.append(" log");
    }
    List<String> pieces = new ArrayList<>();
    for (int at = 0; at < text.length(); at += CHARACTERS_PER_TOKEN) {
      pieces.add(text.substring(at, Math.min(text.length(), at + CHARACTERS_PER_TOKEN)));
    }
    return pieces;
  }

  static String completion(Call call, String content, boolean withUsage) {
    Map<String, Object> body = frame(call, "chat.completion");
    body.put(
        "choices",
        List.of(
            Map.of(
                "index",
                0,
                "message",
                Map.of("role", "assistant", "content", content),
                "finish_reason",
                "stop")));
    if (withUsage) {
      body.put("usage", usage(call.tokens()));
    }
    return JSON.writeValueAsString(body);
  }

  static String delta(Call call, String piece) {
    return chunk(call, List.of(Map.of("index", 0, "delta", Map.of("content", piece))));
  }

  static String finish(Call call) {
    return chunk(call, List.of(Map.of("index", 0, "delta", Map.of(), "finish_reason", "stop")));
  }

  static String usageChunk(Call call) {
    Map<String, Object> body = frame(call, "chat.completion.chunk");
    body.put("choices", List.of());
    body.put("usage", usage(call.tokens()));
    return event(JSON.writeValueAsString(body));
  }

  static String error(String type, String message) {
    return JSON.writeValueAsString(Map.of("error", Map.of("type", type, "message", message)));
  }

  static String models(List<String> names) {
    return JSON.writeValueAsString(
        Map.of(
            "object",
            "list",
            "data",
            names.stream()
                .map(name -> Map.of("id", name, "object", "model", "owned_by", "mock"))
                .toList()));
  }

  static String event(String data) {
    return "data: " + data + "\n\n";
  }

  private static String chunk(Call call, List<?> choices) {
    Map<String, Object> body = frame(call, "chat.completion.chunk");
    body.put("choices", choices);
    return event(JSON.writeValueAsString(body));
  }

  private static Map<String, Object> frame(Call call, String object) {
    Map<String, Object> body = new java.util.LinkedHashMap<>();
    body.put("id", "chatcmpl-" + call.id());
    body.put("object", object);
    body.put("created", call.beganAt().getEpochSecond());
    body.put("model", call.model());
    return body;
  }

  private static Map<String, Object> usage(Tokens tokens) {
    return Map.of(
        "prompt_tokens", tokens.prompt(),
        "completion_tokens", tokens.completion(),
        "total_tokens", tokens.prompt() + tokens.completion(),
        "prompt_tokens_details", Map.of("cached_tokens", tokens.cachedInput()),
        "completion_tokens_details", Map.of("reasoning_tokens", tokens.reasoning()));
  }
}
