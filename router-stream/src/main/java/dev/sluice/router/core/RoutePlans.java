package dev.sluice.router.core;

import dev.sluice.contract.model.Policy;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/// A policy with its route plans made ready, once for each policy. Immutable.
public final class RoutePlans {
  private final Policy policy;
  private final Map<String, RoutePlan> byModel = new HashMap<>();
  private final Map<String, String> residency = new HashMap<>();
  private final boolean timed;
  private final boolean shadows;

  private RoutePlans(Policy policy, Function<String, RouteCondition> compile) {
    this.policy = policy;
    policy.models().forEach((id, model) -> byModel.put(id, RoutePlan.of(model, policy, compile)));
    policy
        .tenants()
        .forEach((id, tenant) -> tenant.residency().ifPresent(region -> residency.put(id, region)));
    this.shadows = policy.models().values().stream().anyMatch(model -> !model.shadow().isEmpty());
    this.timed = byModel.values().stream().anyMatch(RoutePlan::timed);
  }

  /// @param compile makes the text of a condition ready
  public static RoutePlans of(Policy policy, Function<String, RouteCondition> compile) {
    return new RoutePlans(policy, compile);
  }

  /// The plans of a policy without conditions.
  ///
  /// @throws IllegalArgumentException when it has one
  public static RoutePlans of(Policy policy) {
    return new RoutePlans(
        policy,
        text -> {
          throw new IllegalArgumentException("nothing here can compile: " + text);
        });
  }

  public Policy policy() {
    return policy;
  }

  /// The plan for a model name; the plan named `*` serves every name that has none of its own.
  Optional<RoutePlan> plan(String model) {
    RoutePlan exact = byModel.get(model);
    return Optional.ofNullable(exact != null ? exact : byModel.get("*"));
  }

  /// Whether routing asks of a job what only its submission says, and the job does not have it.
  public boolean lacksFacts(Job job) {
    return job.facts().isEmpty()
        && !job.isCopy()
        && plan(job.model()).map(RoutePlan::asksFacts).orElse(false);
  }

  /// Whether jobs of this model are spread by what their calls teach.
  public boolean learns(String model) {
    return plan(model).map(plan -> plan.model().routing() == Policy.Routing.BANDIT).orElse(false);
  }

  /// Whether jobs of any model are copied.
  boolean shadows() {
    return shadows;
  }

  /// The region that a tenant's jobs never leave.
  Optional<String> residency(String tenant) {
    return residency.isEmpty() ? Optional.empty() : Optional.ofNullable(residency.get(tenant));
  }

  /// Whether a decision can change with the time alone.
  public boolean timed() {
    return timed;
  }
}
