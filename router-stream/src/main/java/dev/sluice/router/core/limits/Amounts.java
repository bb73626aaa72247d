package dev.sluice.router.core.limits;

import dev.sluice.contract.model.Limit;

/// How much of each unit one job takes.
///
/// @param inputTokens tokens
/// @param outputTokens tokens
/// @param picoUsd pico-USD
/// @param gpuMicros GPU-microseconds
record Amounts(long inputTokens, long outputTokens, long picoUsd, long gpuMicros) {
  static final Amounts NONE = new Amounts(0, 0, 0, 0);

  static Amounts of(Spent spent) {
    return new Amounts(
        spent.inputTokens(), spent.outputTokens(), spent.picoUsd(), spent.gpuMicros());
  }

  long of(Limit.Unit unit) {
    return switch (unit) {
      case REQUESTS, IN_FLIGHT -> 1;
      case TOKENS -> inputTokens + outputTokens;
      case INPUT_TOKENS -> inputTokens;
      case OUTPUT_TOKENS -> outputTokens;
      case USD -> picoUsd;
      case GPU_SECONDS -> gpuMicros;
    };
  }
}
