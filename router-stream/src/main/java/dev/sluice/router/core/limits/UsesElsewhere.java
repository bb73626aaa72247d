package dev.sluice.router.core.limits;

import java.util.HashMap;
import java.util.Map;

/// What tasks beside a tenant's first one have told of its budgets.
///
/// @param byTenant by the tenant, then by the number of the task
public record UsesElsewhere(Map<String, Map<Integer, BudgetUse>> byTenant) {
  public static final UsesElsewhere NONE = new UsesElsewhere(Map.of());

  public UsesElsewhere {
    byTenant = Map.copyOf(byTenant);
  }

  /// What tasks have told of a tenant; the same instance until one of them tells more.
  public Map<Integer, BudgetUse> of(String tenant) {
    return byTenant.getOrDefault(tenant, Map.of());
  }

  /// The same with what a task tells of a tenant in place of what it told before.
  public UsesElsewhere with(String tenant, int task, BudgetUse use) {
    Map<Integer, BudgetUse> tasks = new HashMap<>(of(tenant));
    tasks.put(task, use);
    Map<String, Map<Integer, BudgetUse>> all = new HashMap<>(byTenant);
    all.put(tenant, Map.copyOf(tasks));
    return new UsesElsewhere(all);
  }
}
