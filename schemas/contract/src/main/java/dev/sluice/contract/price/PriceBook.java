package dev.sluice.contract.price;

import dev.sluice.contract.model.Policy;
import dev.sluice.contract.model.Policy.Price;
import dev.sluice.contract.model.TokenKind;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Prices of one policy, made ready for rating: the router settles with it and metering recomputes
/// with it, so the two agree by construction where they hold the same policy.
///
/// Rules. The price of a pair applies from its instant until a later one of the same pair; the
/// model `*` prices every model of the pool that has no price of its own at that instant. One price
/// rates a whole call: kinds are never mixed from two. A kind that has tokens but no price makes
/// the call unpriced, with one exception that is every vendor's own rule: reasoning tokens cost
/// what output tokens cost unless they have a price. A model without any price is unpriced even
/// when no token was used.
///
/// Sums are exact decimals; only a price finer than 10^-6 USD a million tokens can need rounding,
/// and then the sum is rounded once, half to even. Immutable.
public final class PriceBook {

  /// Decimal places of every amount in records.
  public static final int SCALE = 12;

  private static final String ANY_MODEL = "*";
  private static final int MILLION_DIGITS = 6;

  private final Map<Pair, NavigableMap<Instant, Price>> byPair = new HashMap<>();
  private final Map<String, GpuRate> gpus = new HashMap<>();

  private record Pair(String pool, String model) {}

  private PriceBook(Policy policy) {
    policy.pools().forEach((id, pool) -> GpuRate.of(pool).ifPresent(rate -> gpus.put(id, rate)));
    for (Price price : policy.prices()) {
      byPair
          .computeIfAbsent(new Pair(price.pool(), price.model()), _ -> new TreeMap<>())
          .put(price.from(), price);
    }
  }

  public static PriceBook of(Policy policy) {
    return new PriceBook(policy);
  }

  /// Prices a call: what is owed by its GPU time where that has a price, what is charged by its
  /// tokens where their model has one; each by the other where it has none.
  ///
  /// @param at when the call ended
  /// @param took its wall time
  /// @param tokens count by kind name, as in usage records
  public CallPrice price(
      String pool, String providerModel, Instant at, Duration took, Map<String, Long> tokens) {
    Rating byTokens = rate(pool, providerModel, at, tokens);
    GpuRate rate = gpus.get(pool);
    if (rate == null) {
      return CallPrice.ofTokens(byTokens);
    }
    long micros = rate.micros(took);
    Rating byTime = rate.price(micros).map(Rating.class::cast).orElse(byTokens);
    boolean priced = inForce(pool, providerModel, at) != null;
    return new CallPrice(
        byTime, priced ? byTokens : byTime, Optional.of(new CallPrice.GpuTime(micros, rate)));
  }

  /// How a pool's GPU time is counted; empty where its GPUs are not named.
  public Optional<GpuRate> gpu(String pool) {
    return Optional.ofNullable(gpus.get(pool));
  }

  /// Rates a call's tokens at the price in force at an instant.
  ///
  /// @param providerModel model name sent to the provider
  /// @param at when the call ended
  /// @param tokens count by kind name, as in usage records
  public Rating rate(String pool, String providerModel, Instant at, Map<String, Long> tokens) {
    Price price = inForce(pool, providerModel, at);
    return price == null
        ? new Rating.Unpriced("no price for model " + providerModel + " of pool " + pool)
        : rate(price, tokens);
  }

  /// The most that a token of a prompt and one of an answer can cost, USD per million.
  public record Dearest(BigDecimal input, BigDecimal output) {}

  /// The dearest kinds of the price in force at an instant; empty without a price.
  public Optional<Dearest> dearest(String pool, String providerModel, Instant at) {
    return Optional.ofNullable(inForce(pool, providerModel, at))
        .map(price ->
            new Dearest(
                dearest(price, kind -> !kind.ofAnswer()), dearest(price, TokenKind::ofAnswer)));
  }

  private static BigDecimal dearest(Price price, Predicate<TokenKind> asked) {
    return price.usdPerMillion().entrySet().stream()
        .filter(kind -> asked.test(kind.getKey()))
        .map(Map.Entry::getValue)
        .max(Comparator.naturalOrder())
        .orElse(BigDecimal.ZERO);
  }

  /// Rates a call at the price that bears a version, whenever it was in force; empty when this book
  /// does not have it.
  public Optional<Rating> rateAs(
      String priceVersion, String pool, String providerModel, Map<String, Long> tokens) {
    return ofVersion(priceVersion, pool, providerModel)
        .or(() -> ofVersion(priceVersion, pool, ANY_MODEL))
        .map(price -> rate(price, tokens));
  }

  private Optional<Price> ofVersion(String version, String pool, String model) {
    NavigableMap<Instant, Price> prices = byPair.get(new Pair(pool, model));
    return prices == null
        ? Optional.empty()
        : prices.values().stream().filter(price -> price.version().equals(version)).findFirst();
  }

  private @Nullable Price inForce(String pool, String model, Instant at) {
    Price own = latest(new Pair(pool, model), at);
    return own != null ? own : latest(new Pair(pool, ANY_MODEL), at);
  }

  private @Nullable Price latest(Pair pair, Instant at) {
    NavigableMap<Instant, Price> prices = byPair.get(pair);
    Map.Entry<Instant, Price> entry = prices == null ? null : prices.floorEntry(at);
    return entry == null ? null : entry.getValue();
  }

  private static Rating rate(Price price, Map<String, Long> tokens) {
    BigDecimal sum = BigDecimal.ZERO;
    for (Map.Entry<String, Long> counted : tokens.entrySet()) {
      long count = counted.getValue();
      if (count == 0) {
        continue;
      }
      BigDecimal usdPerMillion = usdPerMillion(price, counted.getKey());
      if (usdPerMillion == null || count < 0) {
        return new Rating.Unpriced(
            (count < 0 ? "negative count of kind " : "no price for kind ")
                + counted.getKey()
                + " of model "
                + price.model()
                + " of pool "
                + price.pool());
      }
      sum = sum.add(usdPerMillion.multiply(BigDecimal.valueOf(count)));
    }
    return new Rating.Priced(
        sum.movePointLeft(MILLION_DIGITS).setScale(SCALE, RoundingMode.HALF_EVEN), price.version());
  }

  private static @Nullable BigDecimal usdPerMillion(Price price, String kindName) {
    TokenKind kind = TokenKind.of(kindName).orElse(null);
    if (kind == null) {
      return null;
    }
    BigDecimal own = price.usdPerMillion().get(kind);
    return own == null && kind == TokenKind.REASONING
        ? price.usdPerMillion().get(TokenKind.OUTPUT)
        : own;
  }
}
