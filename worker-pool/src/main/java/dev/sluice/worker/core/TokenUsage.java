package dev.sluice.worker.core;

import dev.sluice.contract.model.TokenKind;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/// Token counts of one attempt by disjoint kind; their sum is the total. A kind that is absent
/// counts 0.
///
/// @param source where the counts come from
public record TokenUsage(Map<TokenKind, Long> tokens, Source source) {

  /// Nobody's answer holds more tokens than this; a larger count is a defect of the provider.
  private static final long SANE_TOKENS = 1_000_000_000L;

  private static final int BYTES_A_TOKEN = 4;

  /// Whether the provider said so, or the worker estimated it.
  public enum Source {
    REPORTED,
    ESTIMATED,
    UNKNOWN
  }

  /// What the OpenAI surface reports, tokens; `prompt` includes cached, written to a cache and
  /// audio, `completion` includes reasoning and audio.
  ///
  /// @param cacheWrite written to a cache, whatever its lifetime
  /// @param longCacheWrite the part of `cacheWrite` with the longer of two lifetimes
  public record OpenAiCounts(
      long prompt,
      long cached,
      long cacheWrite,
      long longCacheWrite,
      long promptAudio,
      long completion,
      long reasoning,
      long completionAudio) {}

  /// What the Anthropic surface reports, tokens; `input` excludes what a cache was read from or
  /// written to, `output` includes thinking.
  ///
  /// @param cacheWrite written to a cache, whatever its lifetime
  /// @param longCacheWrite the part of `cacheWrite` that is kept for an hour
  public record AnthropicCounts(
      long input,
      long cacheRead,
      long cacheWrite,
      long longCacheWrite,
      long output,
      long thinking) {}

  /// No tokens were used, and that is certain: the call was refused before any work.
  public static final TokenUsage NONE = new TokenUsage(Map.of(), Source.REPORTED);

  public TokenUsage {
    tokens = Map.copyOf(tokens);
  }

  /// The disjoint kinds; empty when the counts contradict each other and so cannot be billed.
  public static Optional<TokenUsage> ofOpenAi(OpenAiCounts counts) {
    if (!sane(counts.prompt)
        || !sane(counts.cached)
        || !sane(counts.cacheWrite)
        || !sane(counts.longCacheWrite)
        || !sane(counts.promptAudio)
        || !sane(counts.completion)
        || !sane(counts.reasoning)
        || !sane(counts.completionAudio)) {
      return Optional.empty();
    }
    long input = counts.prompt - counts.cached - counts.cacheWrite - counts.promptAudio;
    long output = counts.completion - counts.reasoning - counts.completionAudio;
    if (input < 0 || output < 0 || counts.longCacheWrite > counts.cacheWrite) {
      return Optional.empty();
    }
    Map<TokenKind, Long> tokens = new EnumMap<>(TokenKind.class);
    put(tokens, TokenKind.INPUT, input);
    put(tokens, TokenKind.CACHED_INPUT, counts.cached);
    put(tokens, TokenKind.CACHE_WRITE_5M, counts.cacheWrite - counts.longCacheWrite);
    put(tokens, TokenKind.CACHE_WRITE_1H, counts.longCacheWrite);
    put(tokens, TokenKind.AUDIO_INPUT, counts.promptAudio);
    put(tokens, TokenKind.OUTPUT, output);
    put(tokens, TokenKind.REASONING, counts.reasoning);
    put(tokens, TokenKind.AUDIO_OUTPUT, counts.completionAudio);
    return Optional.of(new TokenUsage(tokens, Source.REPORTED));
  }

  /// The disjoint kinds; empty when the counts contradict each other and so cannot be billed.
  public static Optional<TokenUsage> ofAnthropic(AnthropicCounts counts) {
    if (!sane(counts.input)
        || !sane(counts.cacheRead)
        || !sane(counts.cacheWrite)
        || !sane(counts.longCacheWrite)
        || !sane(counts.output)
        || !sane(counts.thinking)
        || counts.longCacheWrite > counts.cacheWrite
        || counts.thinking > counts.output) {
      return Optional.empty();
    }
    Map<TokenKind, Long> tokens = new EnumMap<>(TokenKind.class);
    put(tokens, TokenKind.INPUT, counts.input);
    put(tokens, TokenKind.CACHED_INPUT, counts.cacheRead);
    put(tokens, TokenKind.CACHE_WRITE_5M, counts.cacheWrite - counts.longCacheWrite);
    put(tokens, TokenKind.CACHE_WRITE_1H, counts.longCacheWrite);
    put(tokens, TokenKind.OUTPUT, counts.output - counts.thinking);
    put(tokens, TokenKind.REASONING, counts.thinking);
    return Optional.of(new TokenUsage(tokens, Source.REPORTED));
  }

  /// A guess from sizes, for a stream that was cut or a provider that reports nothing.
  public static TokenUsage estimated(long promptBytes, long answerBytes) {
    Map<TokenKind, Long> tokens = new EnumMap<>(TokenKind.class);
    put(tokens, TokenKind.INPUT, tokensOf(promptBytes));
    put(tokens, TokenKind.OUTPUT, tokensOf(answerBytes));
    return new TokenUsage(tokens, Source.ESTIMATED);
  }

  public long count(TokenKind kind) {
    return tokens.getOrDefault(kind, 0L);
  }

  public long total() {
    return tokens.values().stream().mapToLong(Long::longValue).sum();
  }

  private static long tokensOf(long bytes) {
    return (bytes + BYTES_A_TOKEN - 1) / BYTES_A_TOKEN;
  }

  private static boolean sane(long count) {
    return count >= 0 && count <= SANE_TOKENS;
  }

  private static void put(Map<TokenKind, Long> tokens, TokenKind kind, long count) {
    if (count > 0) {
      tokens.put(kind, count);
    }
  }
}
