package dev.sluice.ledgercheck.driver;

import dev.sluice.ledgercheck.core.PriceTable;
import java.net.URI;
import java.util.Map;

/// The configuration under test: one tenant, one pool that is the mock provider, one model with a
/// price and one without.
final class SluiceConfig {
  static final String TENANT_KEY = "sk-ledger-check-tenant";
  static final String PROVIDER_KEY = "sk-ledger-check-provider";

  /// Provider calls that a job may make, stated in the file so that the checker need not guess.
  static final int MAX_ATTEMPTS = 3;

  /// Secrets travel in the environment, never in the file.
  static final Map<String, String> ENVIRONMENT =
      Map.of("LEDGER_CHECK_KEY", TENANT_KEY, "LEDGER_CHECK_PROVIDER_KEY", PROVIDER_KEY);

  private SluiceConfig() {}

  /// @param provider base URL of the mock, `/v1` included
  static String policy(URI provider) {
    return """
    tenants:
      - id: ledger
        keys:
          - {id: check, secret: "${env:LEDGER_CHECK_KEY}", scopes: [submit, read, cancel, costs]}
        max_attempts: %d
    pools:
      - id: mock
        provider: openai-compatible
        base_url: %s
        api_key: "${env:LEDGER_CHECK_PROVIDER_KEY}"
        concurrency: 48
        timeouts: {queue: PT10M, connect: PT3S, first_token: PT6S, idle: PT4S, total: PT30S}
    models:
      - id: ledger
        routes: [{pool: mock, model: %s, weight: 1}]
      - id: ledger-unpriced
        routes: [{pool: mock, model: %s, weight: 1}]
    prices:
      - {pool: mock, model: %s, from: 2026-01-01, input: 0.15, cached_input: 0.075, output: 0.60, reasoning: 0.61}
    """
        .formatted(
            MAX_ATTEMPTS,
            provider,
            PriceTable.PRICED_MODEL,
            PriceTable.UNPRICED_MODEL,
            PriceTable.PRICED_MODEL);
  }
}
