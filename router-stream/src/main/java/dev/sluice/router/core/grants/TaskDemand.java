package dev.sluice.router.core.grants;

import java.util.Map;

/// What one task wants, by pool.
public record TaskDemand(Map<String, PoolDemand> pools) {
  public static final TaskDemand NONE = new TaskDemand(Map.of());

  public TaskDemand {
    pools = Map.copyOf(pools);
  }

  public PoolDemand of(String pool) {
    return pools.getOrDefault(pool, PoolDemand.NONE);
  }
}
