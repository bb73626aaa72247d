package dev.sluice.contract.price;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.model.Policy;
import dev.sluice.contract.model.Policy.Price;
import dev.sluice.contract.model.TokenKind;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PriceBookTest {
  private static final Instant JANUARY = Instant.parse("2026-01-01T00:00:00Z");
  private static final Instant MARCH = Instant.parse("2026-03-01T00:00:00Z");
  private static final Instant JUNE = Instant.parse("2026-06-01T00:00:00Z");

  private static final PriceBook BOOK =
      book(
          price("v1", "mini", JANUARY, Map.of("input", "0.15", "output", "0.60")),
          price("v2", "mini", JUNE, Map.of("input", "0.30", "output", "1.20", "reasoning", "2")),
          price("any", "*", JANUARY, Map.of("input", "5", "output", "15")));

  @ParameterizedTest(name = "{0} at {1} with {2}={3} costs {4} by {5}")
  @CsvSource({
    "mini, 2026-03-01, input, 1, 0.000000150000, v1",
    "mini, 2026-03-01, input, 1000000, 0.150000000000, v1",
    "mini, 2026-03-01, reasoning, 1000000, 0.600000000000, v1",
    "mini, 2026-06-01, input, 1000000, 0.300000000000, v2",
    "mini, 2026-06-01, reasoning, 1000000, 2.000000000000, v2",
    "other, 2026-06-01, output, 1000000, 15.000000000000, any",
    "mini, 2026-03-01, cached_input, 0, 0.000000000000, v1"
  })
  void ratesAtThePriceInForce(
      String model, String day, String kind, long count, String usd, String version) {
    Rating rating = BOOK.rate("main", model, at(day), Map.of(kind, count));

    assertEquals(new Rating.Priced(new BigDecimal(usd), version), rating);
  }

  @ParameterizedTest(name = "{0}/{1} at {2} with {3}={4} has no price")
  @CsvSource({
    "main, mini, 2026-03-01, cached_input, 1, no price for kind cached_input",
    "main, mini, 2026-03-01, image, 1, no price for kind image",
    "main, mini, 2026-03-01, smell, 1, no price for kind smell",
    "main, mini, 2026-03-01, input, -1, negative count of kind input",
    "main, mini, 2025-12-31, input, 1, no price for model mini",
    "else, mini, 2026-03-01, input, 1, no price for model mini of pool else",
    "else, mini, 2026-03-01, input, 0, no price for model mini of pool else"
  })
  void flagsWhatHasNoPrice(
      String pool, String model, String day, String kind, long count, String reason) {
    Rating rating = BOOK.rate(pool, model, at(day), Map.of(kind, count));

    var unpriced = assertInstanceOf(Rating.Unpriced.class, rating);
    assertTrue(unpriced.reason().startsWith(reason), unpriced.reason());
  }

  @Test
  void sumsAllKindsOfOneCall() {
    Rating rating =
        BOOK.rate("main", "mini", JUNE, Map.of("input", 7L, "output", 11L, "reasoning", 13L));

    assertEquals(new Rating.Priced(new BigDecimal("0.000041300000"), "v2"), rating);
  }

  @Test
  void oneKindWithoutPriceMakesTheWholeCallUnpriced() {
    Rating rating = BOOK.rate("main", "mini", MARCH, Map.of("input", 7L, "image", 1L));

    assertInstanceOf(Rating.Unpriced.class, rating);
  }

  @Test
  void ratesByVersionWheneverItWasInForce() {
    Map<String, Long> tokens = Map.of("input", 1_000_000L);

    assertEquals(
        Optional.of(new Rating.Priced(new BigDecimal("0.150000000000"), "v1")),
        BOOK.rateAs("v1", "main", "mini", tokens));
    assertEquals(
        Optional.of(new Rating.Priced(new BigDecimal("5.000000000000"), "any")),
        BOOK.rateAs("any", "main", "mini", tokens));
    assertEquals(Optional.empty(), BOOK.rateAs("v9", "main", "mini", tokens));
    assertEquals(Optional.empty(), BOOK.rateAs("v1", "else", "mini", tokens));
  }

  @Test
  void roundsAPriceFinerThanTheScaleOnceOnTheSum() {
    PriceBook fine = book(price("f", "m", JANUARY, Map.of("input", "0.0000004")));

    assertEquals(
        new Rating.Priced(new BigDecimal("0.000000000001"), "f"),
        fine.rate("main", "m", MARCH, Map.of("input", 3L)));
  }

  @Test
  void agreesWithIntegerArithmeticForAnyCounts() {
    var random = new Random(20261121);
    for (int round = 0; round < 2_000; round++) {
      Map<TokenKind, BigDecimal> prices = new HashMap<>();
      Map<String, Long> tokens = new HashMap<>();
      BigInteger expected = BigInteger.ZERO;
      for (TokenKind kind : TokenKind.values()) {
        long microUsd = random.nextLong(0, 1_000_000_000L);
        long count = random.nextInt(4) == 0 ? 0 : random.nextLong(0, 10_000_000L);
        prices.put(kind, BigDecimal.valueOf(microUsd, 6));
        tokens.put(kind.key(), count);
        expected = expected.add(BigInteger.valueOf(microUsd).multiply(BigInteger.valueOf(count)));
      }
      PriceBook book = book(new Price("v", "main", "m", JANUARY, prices));

      assertEquals(
          new Rating.Priced(new BigDecimal(expected, PriceBook.SCALE), "v"),
          book.rate("main", "m", MARCH, tokens));
    }
  }

  private static Instant at(String day) {
    return Instant.parse(day + "T00:00:00Z");
  }

  private static PriceBook book(Price... prices) {
    return PriceBook.of(new Policy(1, Map.of(), Map.of(), Map.of(), List.of(prices)));
  }

  private static Price price(
      String version, String model, Instant from, Map<String, String> usdPerMillion) {
    Map<TokenKind, BigDecimal> prices = new HashMap<>();
    usdPerMillion.forEach(
        (kind, usd) -> prices.put(TokenKind.of(kind).orElseThrow(), new BigDecimal(usd)));
    return new Price(version, "main", model, from, prices);
  }
}
