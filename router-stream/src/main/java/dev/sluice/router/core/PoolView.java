package dev.sluice.router.core;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/// How the pools are, as their workers see them together. A pool of which no living worker has said
/// anything is taken to be well.
///
/// @param down pools that none of their workers calls
/// @param slots calls at once that the workers of a pool allow together, count
public record PoolView(Set<String> down, Map<String, Integer> slots) {
  public static final PoolView EMPTY = new PoolView(Set.of(), Map.of());

  public PoolView {
    down = Set.copyOf(down);
    slots = Map.copyOf(slots);
  }

  /// Calls at once that the workers allow; the largest number when none has said.
  public int slotsOf(String pool) {
    return slots.getOrDefault(pool, Integer.MAX_VALUE);
  }

  /// How one worker sees one pool.
  ///
  /// @param open whether its breaker is open, so that it calls nothing
  /// @param slots calls it runs at once
  public record Sight(boolean open, int slots) {}

  /// Puts together what the workers say: each writes only of itself, so no word of one undoes
  /// another's, and what a worker has said is gone with it. Owned by one thread.
  public static final class Fold {
    private final Map<String, Map<String, Sight>> byWorker = new HashMap<>();
    private PoolView view = EMPTY;

    public PoolView view() {
      return view;
    }

    /// Workers that something was heard of.
    public Set<String> workers() {
      return Set.copyOf(byWorker.keySet());
    }

    /// A worker tells how it sees its pools.
    public void heard(String worker, Map<String, Sight> pools) {
      if (!pools.equals(byWorker.put(worker, Map.copyOf(pools)))) {
        view = sum();
      }
    }

    /// Workers that are gone.
    public void gone(Set<String> workers) {
      if (byWorker.keySet().removeAll(workers)) {
        view = sum();
      }
    }

    private PoolView sum() {
      Set<String> down = new HashSet<>();
      Set<String> up = new HashSet<>();
      Map<String, Integer> slots = new HashMap<>();
      for (Map<String, Sight> sights : byWorker.values()) {
        sights.forEach((pool, sight) -> {
          (sight.open ? down : up).add(pool);
          slots.merge(pool, sight.open ? 0 : sight.slots, Integer::sum);
        });
      }
      down.removeAll(up);
      return new PoolView(down, slots);
    }
  }
}
