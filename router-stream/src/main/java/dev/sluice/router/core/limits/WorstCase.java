package dev.sluice.router.core.limits;

import dev.sluice.contract.model.Limit;
import dev.sluice.contract.model.Policy;
import dev.sluice.contract.price.PriceBook;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// What a job may use at worst: its prompt by estimate, corrected by what the model's answers of
/// late have shown, its whole bound of output, and the dearest price of any route it may take. Not
/// safe for several threads.
final class WorstCase {
  /// Sent and reserved when neither job nor model names a bound, tokens.
  static final long DEFAULT_OUTPUT_TOKENS = 4_096;

  /// How much of the way to a lower ratio one answer goes.
  private static final double EASING = 0.02;

  private static final int MILLION_DIGITS = 6;

  private final Policy policy;
  private final PriceBook prices;
  private final Map<String, Double> corrections;

  /// @param corrections by model, kept from one policy to the next
  WorstCase(Policy policy, PriceBook prices, Map<String, Double> corrections) {
    this.policy = policy;
    this.prices = prices;
    this.corrections = corrections;
  }

  static WorstCase none() {
    return new WorstCase(Policy.EMPTY, PriceBook.of(Policy.EMPTY), new HashMap<>());
  }

  Map<String, Double> corrections() {
    return corrections;
  }

  /// The most that one answer may be, tokens.
  long maxOutputTokens(String model, Demand demand) {
    return demand.maxOutputTokens() == Demand.UNNAMED
        ? policy
            .model(model)
            .flatMap(Policy.Model::maxOutputTokens)
            .map(Integer::longValue)
            .orElse(DEFAULT_OUTPUT_TOKENS)
        : demand.maxOutputTokens();
  }

  /// @param priced whether money is asked for
  /// @return empty when it is and a route has no price
  Optional<Amounts> of(Stake job, boolean priced) {
    String model = job.model();
    long input =
        (long) Math.ceil(job.demand().inputTokens() * corrections.getOrDefault(model, 1.0));
    long output = maxOutputTokens(model, job.demand()) * job.demand().choices();
    if (!priced) {
      return Optional.of(new Amounts(input, output, 0));
    }
    // A price may change while the job waits.
    return picoUsd(model, input, output, job.createdAt())
        .flatMap(now ->
            picoUsd(model, input, output, job.deadline())
                .map(later -> new Amounts(input, output, Math.max(now, later))));
  }

  private Optional<Long> picoUsd(String model, long input, long output, Instant at) {
    Optional<Policy.Model> plan = policy.model(model);
    if (plan.isEmpty()) {
      return Optional.empty();
    }
    long worst = 0;
    for (Policy.Route route : plan.get().routes()) {
      Optional<Long> usd = picoUsd(route.pool(), sent(route.model(), model), input, output, at);
      if (usd.isEmpty()) {
        return usd;
      }
      worst = Math.max(worst, usd.get());
    }
    for (Policy.Fallback next : plan.get().fallback()) {
      Optional<Long> usd = picoUsd(next.pool(), sent(next.model(), model), input, output, at);
      if (usd.isEmpty()) {
        return usd;
      }
      worst = Math.max(worst, usd.get());
    }
    return Optional.of(worst);
  }

  private static String sent(String routeModel, String asked) {
    return routeModel.equals("*") ? asked : routeModel;
  }

  private Optional<Long> picoUsd(String pool, String model, long input, long output, Instant at) {
    return prices
        .dearest(pool, model, at)
        .map(price -> pico(price.input(), input) + pico(price.output(), output));
  }

  private static long pico(BigDecimal usdPerMillion, long tokens) {
    return Limit.picoUsd(
        usdPerMillion.multiply(BigDecimal.valueOf(tokens)).movePointLeft(MILLION_DIGITS));
  }

  /// An answer has shown how many tokens its prompt had: estimates follow upwards at once, and
  /// downwards slowly.
  void learn(String model, long estimated, long counted) {
    if (estimated > 0 && counted > 0) {
      double ratio = (double) counted / estimated;
      corrections.merge(
          model,
          Math.max(1.0, ratio),
          (before, _) -> Math.max(ratio, before + EASING * (ratio - before)));
    }
  }
}
