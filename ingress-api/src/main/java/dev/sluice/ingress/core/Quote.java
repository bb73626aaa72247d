package dev.sluice.ingress.core;

import dev.sluice.contract.model.Policy;
import dev.sluice.contract.model.TokenKind;
import dev.sluice.contract.price.PriceBook;
import dev.sluice.contract.price.Rating;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// What a job may cost, told before it runs, from estimates and the prices in force. Never billed.
///
/// @param inputTokens estimate of the prompt, tokens
/// @param maxOutputTokens most that may be generated, tokens; empty when nothing limits it
/// @param leastUsd the prompt alone on the cheapest route, USD; empty when no route has a price
/// @param mostUsd prompt and longest answer on the dearest route, USD; empty when a route has no
///   price or nothing limits the answer
public record Quote(
    long inputTokens,
    OptionalLong maxOutputTokens,
    Optional<BigDecimal> leastUsd,
    Optional<BigDecimal> mostUsd) {

  /// @param size what was asked
  /// @param plan what the job's model stands for
  public static Quote of(
      JobFacts.Size size, Policy.Model plan, String asked, PriceBook prices, Instant now) {
    OptionalLong most =
        size.maxOutputTokens().isPresent()
            ? size.maxOutputTokens()
            : plan.maxOutputTokens().map(OptionalLong::of).orElse(OptionalLong.empty());
    return new Quote(
        size.inputTokens(),
        most,
        rated(size.inputTokens(), 0, plan, asked, prices, now).stream()
            .flatMap(Optional::stream)
            .min(BigDecimal::compareTo),
        most.isEmpty()
            ? Optional.empty()
            : dearest(rated(size.inputTokens(), most.getAsLong(), plan, asked, prices, now)));
  }

  private static Optional<BigDecimal> dearest(List<Optional<BigDecimal>> routes) {
    return routes.stream().allMatch(Optional::isPresent)
        ? routes.stream().flatMap(Optional::stream).max(BigDecimal::compareTo)
        : Optional.empty();
  }

  private static List<Optional<BigDecimal>> rated(
      long input, long output, Policy.Model plan, String asked, PriceBook prices, Instant now) {
    Map<String, Long> tokens = Map.of(TokenKind.INPUT.key(), input, TokenKind.OUTPUT.key(), output);
    return plan.routes().stream()
        .map(route ->
            prices.rate(
                route.pool(), route.model().equals("*") ? asked : route.model(), now, tokens))
        .map(rating ->
            rating instanceof Rating.Priced(BigDecimal usd, _)
                ? Optional.of(usd)
                : Optional.<BigDecimal>empty())
        .toList();
  }
}
