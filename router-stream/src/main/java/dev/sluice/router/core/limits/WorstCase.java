package dev.sluice.router.core.limits;

import dev.sluice.contract.model.Limit;
import dev.sluice.contract.model.Policy;
import dev.sluice.contract.price.PriceBook;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What a job may use at worst: its prompt by estimate, corrected by what its tenant's answers of
/// late have shown, its whole bound of output, and the dearest price of any route it may take.
final class WorstCase {
  /// Sent and reserved when neither job nor model names a bound, tokens.
  static final long DEFAULT_OUTPUT_TOKENS = 4_096;

  private static final int MILLION_DIGITS = 6;

  private final Policy policy;
  private final PriceBook prices;

  WorstCase(Policy policy, PriceBook prices) {
    this.policy = policy;
    this.prices = prices;
  }

  static WorstCase none() {
    return new WorstCase(Policy.EMPTY, PriceBook.of(Policy.EMPTY));
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

  /// @param counting the limits that count the job: only what they ask for is looked up
  /// @return empty when they ask for money and a route has no price
  Optional<Amounts> of(Stake job, List<Meter> counting, Corrections corrections) {
    Amounts tokens = unpriced(job, counting, corrections);
    if (!Account.counts(counting, Limit.Unit.USD)) {
      return Optional.of(tokens);
    }
    // A price may change while the job waits.
    return picoUsd(job, tokens, job.createdAt())
        .flatMap(now ->
            picoUsd(job, tokens, job.deadline())
                .map(later ->
                    new Amounts(
                        tokens.inputTokens(),
                        tokens.outputTokens(),
                        Math.max(now, later),
                        tokens.gpuMicros())));
  }

  /// The same without money.
  Amounts unpriced(Stake job, List<Meter> counting, Corrections corrections) {
    long input = corrections.correct(job.model(), job.demand().inputTokens());
    long output = maxOutputTokens(job.model(), job.demand()) * job.demand().choices();
    long gpu = Account.counts(counting, Limit.Unit.GPU_SECONDS) ? gpuMicros(job) : 0;
    return new Amounts(input, output, 0, gpu);
  }

  /// One way that a job may go.
  private record Way(String pool, String model) {}

  private List<Way> ways(String asked) {
    List<Way> ways = new ArrayList<>();
    policy
        .model(asked)
        .ifPresent(plan -> {
          plan.routes().forEach(to -> ways.add(new Way(to.pool(), sent(to.model(), asked))));
          plan.fallback().forEach(to -> ways.add(new Way(to.pool(), sent(to.model(), asked))));
        });
    return ways;
  }

  /// The longest that a call may take of any pool's GPUs: its pool's total timeout, or less where
  /// the job's deadline comes before.
  private long gpuMicros(Stake job) {
    return ways(job.model()).stream()
        .flatMap(way -> prices.gpu(way.pool()).stream())
        .mapToLong(rate -> rate.micros(longest(job)))
        .max()
        .orElse(0);
  }

  private static Duration longest(Stake job) {
    return Duration.between(job.createdAt(), job.deadline());
  }

  private Optional<Long> picoUsd(Stake job, Amounts tokens, Instant at) {
    List<Way> ways = ways(job.model());
    long worst = 0;
    for (Way way : ways) {
      Optional<Long> usd =
          prices
              .dearest(way.pool(), way.model(), at)
              .map(price ->
                  sum(
                      pico(price.input(), tokens.inputTokens()),
                      pico(price.output(), tokens.outputTokens())))
              .or(() -> timePico(way.pool(), job));
      if (usd.isEmpty()) {
        return usd;
      }
      worst = Math.max(worst, usd.get());
    }
    return ways.isEmpty() ? Optional.empty() : Optional.of(worst);
  }

  /// Where tokens have no price, GPU time may have one.
  private Optional<Long> timePico(String pool, Stake job) {
    return prices
        .gpu(pool)
        .flatMap(rate -> rate.price(rate.micros(longest(job))))
        .map(price -> Limit.countedPicoUsd(price.usd()));
  }

  private static String sent(String routeModel, String asked) {
    return routeModel.equals("*") ? asked : routeModel;
  }

  /// Of two that are not negative; the most that can be counted if it is more.
  private static long sum(long a, long b) {
    return a > Long.MAX_VALUE - b ? Long.MAX_VALUE : a + b;
  }

  private static long pico(BigDecimal usdPerMillion, long tokens) {
    return Limit.countedPicoUsd(
        usdPerMillion.multiply(BigDecimal.valueOf(tokens)).movePointLeft(MILLION_DIGITS));
  }
}
