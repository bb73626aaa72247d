package dev.sluice.worker.core;

/// Divides a pool's concurrency among the live workers that serve it.
public final class SlotShare {
  private SlotShare() {}

  /// Slots of the worker at a rank: equal shares, the remainder to the first ranks, and at least
  /// one, so that a pool with fewer slots than workers still runs everywhere.
  ///
  /// @param concurrency calls at once of the whole pool
  /// @param rank position among the live workers of the pool, from 0
  /// @param workers live workers of the pool, at least 1
  public static int slots(int concurrency, int rank, int workers) {
    int share = concurrency / workers + (rank < concurrency % workers ? 1 : 0);
    return Math.max(1, share);
  }
}
