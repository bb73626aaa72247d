package dev.sluice.worker.kafka;

import dev.sluice.contract.model.Policy;
import dev.sluice.worker.core.SlotGate;
import dev.sluice.worker.provider.Provider;

/// One pool as this worker serves it now: its settings, its slots, its provider. Settings and
/// provider are replaced together when the policy changes; a running call keeps what it began with.
///
/// Safe for use by many threads.
final class PoolDesk {
  private final SlotGate gate;
  private final PoolHealth health;
  private volatile Serving serving;

  private record Serving(Policy.Pool pool, Provider provider) {}

  /// @param changed called when the others should hear how the pool is
  PoolDesk(Policy.Pool pool, Provider provider, int slots, WorkerMeters meters, Runnable changed) {
    this.gate = new SlotGate(slots);
    this.serving = new Serving(pool, provider);
    this.health = new PoolHealth(this, slots, meters, changed);
  }

  PoolHealth health() {
    return health;
  }

  SlotGate gate() {
    return gate;
  }

  Policy.Pool pool() {
    return serving.pool;
  }

  Provider provider() {
    return serving.provider;
  }

  /// Serves by new settings from now on.
  void replace(Policy.Pool pool, Provider provider) {
    Provider before = serving.provider;
    serving = new Serving(pool, provider);
    before.close();
  }

  void close() {
    serving.provider.close();
  }
}
