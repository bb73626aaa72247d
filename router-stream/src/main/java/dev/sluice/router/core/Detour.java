package dev.sluice.router.core;

import dev.sluice.contract.model.Policy;
import dev.sluice.contract.model.Policy.Fallback;
import dev.sluice.contract.model.Policy.FallbackCause;
import dev.sluice.router.core.RoutePolicy.RouteDecision;
import java.util.Optional;
import java.util.function.Predicate;

/// Where a job goes when the pools that it would go to cannot take it: along the fallbacks of its
/// plan, and never where the plan does not lead.
public final class Detour {

  private Detour() {}

  /// Routes a job; where no route of its plan can be used now, along the plan's fallbacks for
  /// providers that are down.
  ///
  /// @param usable whether a pool can take work now
  public static RouteDecision decide(Job job, Policy policy, Predicate<String> usable) {
    RouteDecision decision = RoutePolicy.decide(job, policy, usable);
    if (!(decision instanceof RouteDecision.Held)) {
      return decision;
    }
    return fallback(job, policy, FallbackCause.DOWN, usable)
        .<RouteDecision>map(RouteDecision.Routed::new)
        .orElse(decision);
  }

  /// The first fallback for a cause whose pool can take work and that this job has not failed on.
  static Optional<Placement> fallback(
      Job job, Policy policy, FallbackCause cause, Predicate<String> usable) {
    return policy.model(job.model()).stream()
        .flatMap(model -> model.fallback().stream())
        .filter(route -> route.when().contains(cause))
        .filter(route -> policy.pool(route.pool()).isPresent() && usable.test(route.pool()))
        .map(route -> placement(job, route, policy))
        .filter(placement -> !failedOn(job, placement))
        .findFirst();
  }

  private static Placement placement(Job job, Fallback route, Policy policy) {
    return new Placement(
        route.pool(),
        RoutePolicy.providerModel(route.model(), job.model()),
        policy.version(),
        "fallback");
  }

  private static boolean failedOn(Job job, Placement placement) {
    return job.attempts().stream()
        .anyMatch(past ->
            !past.givenBack()
                && past.pool().equals(placement.pool())
                && past.model().equals(placement.model()));
  }
}
