package dev.sluice.ledgercheck.core;

import java.util.List;
import java.util.Optional;

/// All that the outside programs wrote down in one campaign.
///
/// @param maxAttempts provider calls a job may make by policy
/// @param limits of all tenants
/// @param providerKey the only credential the provider may ever see
public record Ledgers(
    long seed,
    int maxAttempts,
    String providerKey,
    PriceTable prices,
    List<Limit> limits,
    List<Post> posts,
    List<Answer> answers,
    List<CancelAnswer> cancels,
    List<Call> calls,
    List<Reading> readings,
    List<CostEntry> costs,
    List<Disturbance> disturbances,
    List<QuotaReading> quotas,
    Optional<Totals> totals) {
  public Ledgers {
    limits = List.copyOf(limits);
    quotas = List.copyOf(quotas);
    posts = List.copyOf(posts);
    answers = List.copyOf(answers);
    cancels = List.copyOf(cancels);
    calls = List.copyOf(calls);
    readings = List.copyOf(readings);
    costs = List.copyOf(costs);
    disturbances = List.copyOf(disturbances);
  }
}
