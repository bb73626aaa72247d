package dev.sluice.worker.wire;

import dev.sluice.worker.core.TokenUsage;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// Reads the `usage` object of the OpenAI surface.
public final class UsageReader {
  private static final long ABSURD = -1;

  private UsageReader() {}

  /// The disjoint kinds; empty when the object is missing, incomplete or contradicts itself.
  public static Optional<TokenUsage> read(JsonNode usage) {
    if (!usage.isObject() || !usage.path("prompt_tokens").isNumber()) {
      return Optional.empty();
    }
    JsonNode prompt = usage.path("prompt_tokens_details");
    JsonNode completion = usage.path("completion_tokens_details");
    long promptTokens = count(usage, "prompt_tokens");
    long completionTokens = count(usage, "completion_tokens");
    if (contradicts(usage, promptTokens, completionTokens)) {
      return Optional.empty();
    }
    return TokenUsage.ofOpenAi(
        new TokenUsage.OpenAiCounts(
            promptTokens,
            count(prompt, "cached_tokens"),
            count(prompt, "audio_tokens"),
            completionTokens,
            count(completion, "reasoning_tokens"),
            count(completion, "audio_tokens")));
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
