package dev.sluice.ledgercheck.core;

import java.util.Map;
import java.util.TreeMap;

/// Tokens of one call by disjoint kind; their sum is the total.
///
/// @param input prompt tokens not read from a cache
/// @param output generated tokens without reasoning
public record Tokens(long input, long cachedInput, long output, long reasoning) {

  public long prompt() {
    return input + cachedInput;
  }

  public long completion() {
    return output + reasoning;
  }

  /// By the names of the cost topic, without zeros.
  public Map<String, Long> byKind() {
    return withoutZeros(
        Map.of(
            "input", input, "cached_input", cachedInput, "output", output, "reasoning", reasoning));
  }

  static Map<String, Long> withoutZeros(Map<String, Long> tokens) {
    Map<String, Long> counted = new TreeMap<>(tokens);
    counted.values().removeIf(count -> count == 0);
    return counted;
  }
}
