package dev.sluice.worker.core;

import dev.sluice.contract.model.Policy;
import java.util.List;

/// Spreads a pool's calls over its endpoints by weight.
public final class EndpointChoice {
  private EndpointChoice() {}

  /// @param random uniform in [0, 1)
  public static Policy.Endpoint pick(List<Policy.Endpoint> endpoints, double random) {
    long total = 0;
    for (Policy.Endpoint endpoint : endpoints) {
      total += endpoint.weight();
    }
    double left = random * total;
    for (Policy.Endpoint endpoint : endpoints) {
      left -= endpoint.weight();
      if (left < 0) {
        return endpoint;
      }
    }
    return endpoints.getLast();
  }
}
