package dev.sluice.worker.wire;

import dev.sluice.worker.core.Endpoint;
import dev.sluice.worker.core.TokenUsage;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// Reads the `usage` objects of the vendors' surfaces.
public final class UsageReader {
  private static final long ABSURD = -1;

  private UsageReader() {}

  /// The usage that an endpoint answers with.
  public static Optional<TokenUsage> of(Endpoint endpoint, JsonNode usage) {
    return switch (endpoint) {
      case CHAT, COMPLETIONS, EMBEDDINGS, MODERATIONS -> read(usage);
      case RESPONSES -> ofResponses(usage);
      case MESSAGES -> ofMessages(usage);
      // Counting is free, and says nothing of usage.
      case COUNT_TOKENS -> Optional.of(TokenUsage.NONE);
    };
  }

  /// The disjoint kinds of a chat, a completion or embeddings; empty when the object is missing,
  /// incomplete or contradicts itself.
  public static Optional<TokenUsage> read(JsonNode usage) {
    return ofOpenAi(usage, "prompt_tokens", "completion_tokens");
  }

  /// The disjoint kinds of a response; empty as above.
  public static Optional<TokenUsage> ofResponses(JsonNode usage) {
    return ofOpenAi(usage, "input_tokens", "output_tokens");
  }

  private static Optional<TokenUsage> ofOpenAi(JsonNode usage, String in, String out) {
    if (!usage.isObject() || !usage.path(in).isNumber()) {
      return Optional.empty();
    }
    JsonNode prompt = usage.path(in + "_details");
    JsonNode completion = usage.path(out + "_details");
    long promptTokens = count(usage, in);
    long completionTokens = count(usage, out);
    if (contradicts(usage, promptTokens, completionTokens)) {
      return Optional.empty();
    }
    return TokenUsage.ofOpenAi(
        new TokenUsage.OpenAiCounts(
            promptTokens,
            count(prompt, "cached_tokens"),
            count(prompt, "cache_write_tokens"),
            count(prompt.path("cache_write_tokens_details"), "ttl_12h_tokens"),
            count(prompt, "audio_tokens"),
            completionTokens,
            count(completion, "reasoning_tokens"),
            count(completion, "audio_tokens")));
  }

  /// The disjoint kinds of a message of Anthropic's surface; empty as above.
  public static Optional<TokenUsage> ofMessages(JsonNode usage) {
    if (!usage.isObject() || !usage.path("input_tokens").isNumber()) {
      return Optional.empty();
    }
    return TokenUsage.ofAnthropic(
        new TokenUsage.AnthropicCounts(
            count(usage, "input_tokens"),
            count(usage, "cache_read_input_tokens"),
            count(usage, "cache_creation_input_tokens"),
            count(usage.path("cache_creation"), "ephemeral_1h_input_tokens"),
            count(usage, "output_tokens"),
            count(usage.path("output_tokens_details"), "thinking_tokens")));
  }

  private static boolean contradicts(JsonNode usage, long prompt, long completion) {
    JsonNode total = usage.path("total_tokens");
    // Some servers count reasoning or system tokens in the total only, so more is no contradiction.
    return total.isNumber()
        && (prompt < 0 || completion < 0 || count(usage, "total_tokens") < prompt);
  }

  private static long count(JsonNode node, String field) {
    JsonNode value = node.path(field);
    if (value.isMissingNode() || value.isNull()) {
      return 0;
    }
    return value.isIntegralNumber() && value.canConvertToLong() ? value.longValue() : ABSURD;
  }
}
