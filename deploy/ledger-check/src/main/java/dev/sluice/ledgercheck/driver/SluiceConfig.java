package dev.sluice.ledgercheck.driver;

import dev.sluice.ledgercheck.core.Account;
import dev.sluice.ledgercheck.core.Limit;
import dev.sluice.ledgercheck.core.Plan;
import dev.sluice.ledgercheck.core.PriceTable;
import dev.sluice.ledgercheck.mock.MockProvider;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// The configuration under test: a tenant for each account with its limits, two pools that are both
/// the mock provider, the first of which can be down, one model with a price, one without, and one
/// that falls back from the first pool to the other.
final class SluiceConfig {
  static final String PROVIDER_KEY = "sk-ledger-check-provider";

  /// Provider calls that a job may make, stated in the file so that the checker need not guess.
  static final int MAX_ATTEMPTS = 3;

  /// More than any answer of the mock has: what a job reserves.
  private static final int MAX_OUTPUT_TOKENS = 128;

  private static final String PROVIDER_VARIABLE = "LEDGER_CHECK_PROVIDER_KEY";
  private static final int PICO_DIGITS = 12;

  /// Secrets travel in the environment, never in the file.
  static final Map<String, String> ENVIRONMENT = environment();

  private SluiceConfig() {}

  private static Map<String, String> environment() {
    Map<String, String> environment = new HashMap<>(Map.of(PROVIDER_VARIABLE, PROVIDER_KEY));
    for (Account account : Account.values()) {
      environment.put(variable(account), account.key());
    }
    return Map.copyOf(environment);
  }

  private static String variable(Account account) {
    return "LEDGER_CHECK_KEY_" + account.name();
  }

  static String policy(MockProvider provider) {
    return "tenants:\n"
        + Arrays.stream(Account.values()).map(SluiceConfig::tenant).collect(Collectors.joining())
        + """
        pools:
          - id: mock
            provider: openai-compatible
            base_url: %1$s
            api_key: "${env:%3$s}"
            concurrency: 48
            timeouts: {queue: PT10M, connect: PT3S, first_token: PT6S, idle: PT4S, total: PT30S}
          - id: first
            provider: openai-compatible
            base_url: %2$s
            api_key: "${env:%3$s}"
            concurrency: 24
            timeouts: {queue: PT10M, connect: PT3S, first_token: PT6S, idle: PT4S, total: PT30S}
        models:
          - id: %4$s
            max_output_tokens: %8$d
            routes: [{pool: mock, model: %9$s}]
          - id: %5$s
            routes: [{pool: mock, model: %10$s}]
          - id: %6$s
            max_output_tokens: %8$d
            routes: [{pool: first, model: %7$s}]
            fallback: [{pool: mock, model: %11$s, when: [throttled, down, timeout]}]
        prices:
          - {pool: mock, model: %9$s, from: 2026-01-01, input: 0.15, cached_input: 0.075, output: 0.60, reasoning: 0.61}
          - {pool: first, model: %7$s, from: 2026-01-01, input: 0.15, cached_input: 0.075, output: 0.60, reasoning: 0.61}
          - {pool: mock, model: %11$s, from: 2026-01-01, input: 0.30, cached_input: 0.15, output: 1.20, reasoning: 1.22}
        """
            .formatted(
                provider.baseUrl(),
                provider.firstBaseUrl(),
                PROVIDER_VARIABLE,
                Plan.MODEL,
                Plan.UNPRICED_MODEL,
                Plan.MODEL_OF_TWO,
                PriceTable.FIRST_MODEL,
                MAX_OUTPUT_TOKENS,
                PriceTable.PRICED_MODEL,
                PriceTable.UNPRICED_MODEL,
                PriceTable.SECOND_MODEL);
  }

  private static String tenant(Account account) {
    List<Limit> limits =
        Limit.OF_THE_CHECK.stream().filter(limit -> limit.account() == account).toList();
    StringBuilder yaml = new StringBuilder();
    yaml.append(
        """
          - id: %s
            keys:
              - {id: check, secret: "${env:%s}", scopes: [submit, read, cancel, costs]}
            max_attempts: %d
        """
            .formatted(account.id(), variable(account), MAX_ATTEMPTS));
    if (account.asksAgain()) {
      BigDecimal ratio = BigDecimal.valueOf(account.repeatPercent(), 2);
      yaml.append("    cache: {mode: \"off\", price_ratio: %s}\n".formatted(ratio));
    }
    inFlight(limits)
        .ifPresent(most ->
            yaml.append("    quotas: {max_in_flight: %d, on_exceeded: hold}\n".formatted(most)));
    List<String> budgets =
        limits.stream()
            .filter(limit -> limit.unit() != Limit.Unit.IN_FLIGHT)
            .map(SluiceConfig::budget)
            .toList();
    if (!budgets.isEmpty()) {
      yaml.append("    budgets:\n");
      budgets.forEach(yaml::append);
    }
    return yaml.toString();
  }

  private static Optional<Long> inFlight(List<Limit> limits) {
    return limits.stream()
        .filter(limit -> limit.unit() == Limit.Unit.IN_FLIGHT)
        .map(Limit::amount)
        .findFirst();
  }

  private static String budget(Limit limit) {
    String amount =
        limit.unit() == Limit.Unit.USD
            ? BigDecimal.valueOf(limit.amount(), PICO_DIGITS).stripTrailingZeros().toPlainString()
            : Long.toString(limit.amount());
    return "      - {%s: %s, %s, on_exceeded: %s}\n"
        .formatted(
            limit.unit().name().toLowerCase(Locale.ROOT),
            amount,
            limit.rolling().map(length -> "rolling: " + length).orElse("period: forever"),
            limit.rejects() ? "reject" : "hold");
  }
}
