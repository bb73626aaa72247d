package dev.sluice.router.topology;

import dev.sluice.contract.model.Controls;
import dev.sluice.router.core.PoolView;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/// The outside world as all tasks of a process see it: the policy, what is paused or drained, and
/// what the workers say of their pools and of themselves. Safe for use by many threads.
final class Surroundings implements TaskView {
  private final Supplier<Rules> policy;
  private final Supplier<PoolView> pools;
  private final Supplier<Controls> controls;
  private final UnaryOperator<Set<String>> lost;
  private volatile Known known;

  /// The rules with what they were made of.
  ///
  /// @param away pools that are down or drained
  private record Known(Rules policy, Set<String> away, Rules rules) {}

  Surroundings(
      Supplier<Rules> policy,
      Supplier<PoolView> pools,
      Supplier<Controls> controls,
      UnaryOperator<Set<String>> lost) {
    this.policy = policy;
    this.pools = pools;
    this.controls = controls;
    this.lost = lost;
    this.known = new Known(policy.get(), Set.of(), policy.get());
  }

  @Override
  public Rules rules() {
    Known before = known;
    Rules stated = policy.get();
    Set<String> away = away();
    if (before.policy.equals(stated) && before.away.equals(away)) {
      return before.rules;
    }
    Known after = new Known(stated, away, without(stated, away));
    known = after;
    return after.rules;
  }

  private Set<String> away() {
    Set<String> down = pools.get().down();
    Set<String> draining = controls.get().draining();
    if (draining.isEmpty()) {
      return down;
    }
    Set<String> both = new HashSet<>(down);
    both.addAll(draining);
    return both;
  }

  @Override
  public Controls controls() {
    return controls.get();
  }

  private static Rules without(Rules stated, Set<String> away) {
    Set<String> usable =
        stated.usablePools().stream()
            .filter(pool -> !away.contains(pool))
            .collect(Collectors.toUnmodifiableSet());
    return new Rules(stated.policy(), stated.prices(), usable, stated.plans());
  }

  @Override
  public int slots(String pool) {
    return pools.get().slotsOf(pool);
  }

  @Override
  public Set<String> lost(Set<String> workers) {
    return lost.apply(workers);
  }
}
