package dev.sluice.router.core;

import dev.sluice.contract.model.Policy;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;

/// What one task has of each tenant: its shards follow each other over the tasks, and with each
/// goes its part of every limit. All parts of a limit add up to it, what is left of the division is
/// the first shards'. Shards that meet in a task share the sum of their parts. A task that has none
/// of a tenant's shards, but jobs of earlier ones, has nothing of its limits.
///
/// @param task number of this task, from 0
/// @param tasks count
/// @param first task of a tenant's first shard
public record TaskPart(int task, int tasks, ToIntFunction<String> first) {
  /// Of a task that has all of every tenant.
  public static final TaskPart WHOLE = new TaskPart(0, 1, _ -> 0);

  /// What holds here: the policy with this task's part of each limit.
  Policy of(Policy policy) {
    Map<String, Policy.Tenant> tenants = new HashMap<>(policy.tenants());
    tenants.replaceAll((_, tenant) -> tenant.limits().isEmpty() ? tenant : of(tenant));
    return new Policy(policy.version(), tenants, policy.pools(), policy.models(), policy.prices());
  }

  private Policy.Tenant of(Policy.Tenant tenant) {
    return tenant.withLimits(
        tenant.limits().stream()
            .map(limit -> limit.withAmount(amount(tenant, limit.amount())))
            .toList());
  }

  private long amount(Policy.Tenant tenant, long whole) {
    long each = whole / tenant.shards();
    int larger = (int) (whole % tenant.shards());
    return each * here(tenant, tenant.shards()) + here(tenant, larger);
  }

  /// Tenants with limits that were in another number of shards before; each is told by one task.
  public List<String> resharded(Policy before, Policy after) {
    if (before.version() == after.version()) {
      return List.of();
    }
    return after.tenants().values().stream()
        .filter(tenant -> before.tenant(tenant.id()).isPresent())
        .filter(tenant -> before.shards(tenant.id()) != tenant.shards())
        .filter(tenant -> !tenant.limits().isEmpty() && isFirst(tenant.id()))
        .map(Policy.Tenant::id)
        .toList();
  }

  /// Whether a tenant's first shard is here.
  public boolean isFirst(String tenant) {
    return first.applyAsInt(tenant) == task;
  }

  /// The name under which this task alone tells of a tenant: several may.
  public String keyOf(String tenant) {
    return isFirst(tenant) ? tenant : tenant + "|" + task;
  }

  /// The part that is here of a tenant's share, 0..1; of a tenant in one shard not looked for.
  double part(Policy.Tenant tenant) {
    return tenant.shards() == 1 ? 1 : (double) here(tenant, tenant.shards()) / tenant.shards();
  }

  /// How many of the first so many shards are here.
  private int here(Policy.Tenant tenant, int shards) {
    int distance = Math.floorMod(task - first.applyAsInt(tenant.id()), tasks);
    return (shards - distance + tasks - 1) / tasks;
  }
}
