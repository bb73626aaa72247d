package dev.sluice.worker.dialect;

import dev.sluice.contract.model.TokenKind;
import dev.sluice.worker.core.TokenUsage;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The `usage` objects of the dialects, from disjoint kinds.
final class UsageJson {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private UsageJson() {}

  /// Of a chat or a completion.
  static ObjectNode chat(TokenUsage usage) {
    long prompt = prompt(usage);
    long completion = completion(usage);
    ObjectNode node =
        JSON.objectNode()
            .put("prompt_tokens", prompt)
            .put("completion_tokens", completion)
            .put("total_tokens", prompt + completion);
    node.putObject("prompt_tokens_details")
        .put("cached_tokens", usage.count(TokenKind.CACHED_INPUT))
        .put("cache_write_tokens", cacheWrite(usage))
        .put("audio_tokens", usage.count(TokenKind.AUDIO_INPUT));
    node.putObject("completion_tokens_details")
        .put("reasoning_tokens", usage.count(TokenKind.REASONING))
        .put("audio_tokens", usage.count(TokenKind.AUDIO_OUTPUT));
    return node;
  }

  /// Of a response. The two lifetimes of what was written to a cache keep their order, shorter and
  /// longer, under the names that this dialect has for them.
  static ObjectNode responses(TokenUsage usage) {
    long input = prompt(usage);
    long output = completion(usage);
    ObjectNode node = JSON.objectNode().put("input_tokens", input);
    ObjectNode details =
        node.putObject("input_tokens_details")
            .put("cached_tokens", usage.count(TokenKind.CACHED_INPUT))
            .put("cache_write_tokens", cacheWrite(usage));
    if (cacheWrite(usage) > 0) {
      details
          .putObject("cache_write_tokens_details")
          .put("ttl_30m_tokens", usage.count(TokenKind.CACHE_WRITE_5M))
          .put("ttl_12h_tokens", usage.count(TokenKind.CACHE_WRITE_1H));
    }
    node.put("output_tokens", output);
    node.putObject("output_tokens_details")
        .put("reasoning_tokens", usage.count(TokenKind.REASONING));
    return node.put("total_tokens", input + output);
  }

  /// Of a message of Anthropic's dialect.
  static ObjectNode messages(TokenUsage usage) {
    ObjectNode node =
        JSON.objectNode()
            .put(
                "input_tokens",
                usage.count(TokenKind.INPUT)
                    + usage.count(TokenKind.AUDIO_INPUT)
                    + usage.count(TokenKind.IMAGE))
            .put("cache_creation_input_tokens", cacheWrite(usage))
            .put("cache_read_input_tokens", usage.count(TokenKind.CACHED_INPUT));
    node.putObject("cache_creation")
        .put("ephemeral_5m_input_tokens", usage.count(TokenKind.CACHE_WRITE_5M))
        .put("ephemeral_1h_input_tokens", usage.count(TokenKind.CACHE_WRITE_1H));
    node.put("output_tokens", completion(usage));
    node.putObject("output_tokens_details")
        .put("thinking_tokens", usage.count(TokenKind.REASONING));
    node.putNull("server_tool_use");
    node.putNull("service_tier");
    node.putNull("speed");
    return node.putNull("inference_geo");
  }

  private static long prompt(TokenUsage usage) {
    return usage.count(TokenKind.INPUT)
        + usage.count(TokenKind.CACHED_INPUT)
        + cacheWrite(usage)
        + usage.count(TokenKind.AUDIO_INPUT)
        + usage.count(TokenKind.IMAGE);
  }

  private static long completion(TokenUsage usage) {
    return usage.count(TokenKind.OUTPUT)
        + usage.count(TokenKind.REASONING)
        + usage.count(TokenKind.AUDIO_OUTPUT);
  }

  private static long cacheWrite(TokenUsage usage) {
    return usage.count(TokenKind.CACHE_WRITE_5M) + usage.count(TokenKind.CACHE_WRITE_1H);
  }
}
