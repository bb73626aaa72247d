package dev.sluice.ledgercheck.core;

import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/// The checker's own prices: whole pico-USD a token, so that every sum is exact in a long.
///
/// @param picoPerToken provider model to token kind to pico-USD
public record PriceTable(Map<String, Map<String, Long>> picoPerToken) {

  public static final String PRICED_MODEL = "mock-priced";
  public static final String UNPRICED_MODEL = "mock-unpriced";

  /// Of the provider that is down for a while.
  public static final String FIRST_MODEL = "mock-first";

  /// What is asked where the first cannot be; dearer.
  public static final String SECOND_MODEL = "mock-second";

  /// All that the mock answers.
  public static final List<String> MODELS =
      List.of(PRICED_MODEL, UNPRICED_MODEL, FIRST_MODEL, SECOND_MODEL);

  private static final Map<String, Long> CHEAP =
      Map.of(
          "input", 150_000L,
          "cached_input", 75_000L,
          "output", 600_000L,
          "reasoning", 610_000L);

  private static final Map<String, Long> DEAR =
      Map.of(
          "input", 300_000L,
          "cached_input", 150_000L,
          "output", 1_200_000L,
          "reasoning", 1_220_000L);

  /// 0.15, 0.075, 0.60 and 0.61 USD per million tokens, the dearer model twice that; the unpriced
  /// model has no line.
  public static final PriceTable OF_THE_CHECK =
      new PriceTable(Map.of(PRICED_MODEL, CHEAP, FIRST_MODEL, CHEAP, SECOND_MODEL, DEAR));

  public PriceTable {
    picoPerToken = Map.copyOf(picoPerToken);
  }

  /// Pico-USD of those tokens; empty when the model or one of the kinds has no price.
  public OptionalLong pico(String model, Map<String, Long> tokens) {
    Map<String, Long> prices = picoPerToken.get(model);
    if (prices == null) {
      return OptionalLong.empty();
    }
    long sum = 0;
    for (Map.Entry<String, Long> counted : tokens.entrySet()) {
      Long price = prices.get(counted.getKey());
      if (price == null && counted.getValue() != 0) {
        return OptionalLong.empty();
      }
      sum = Math.addExact(sum, price == null ? 0 : Math.multiplyExact(price, counted.getValue()));
    }
    return OptionalLong.of(sum);
  }
}
