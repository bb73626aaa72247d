package dev.sluice.router.topology;

import dev.sluice.router.core.PoolView;
import java.util.Set;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/// The outside world as all tasks of a process see it: the policy, and what the workers say of
/// their pools and of themselves. Safe for use by many threads.
final class Surroundings implements TaskView {
  private final Supplier<Rules> policy;
  private final Supplier<PoolView> pools;
  private final UnaryOperator<Set<String>> lost;
  private volatile Known known;

  /// The rules with what they were made of.
  private record Known(Rules policy, Set<String> down, Rules rules) {}

  Surroundings(Supplier<Rules> policy, Supplier<PoolView> pools, UnaryOperator<Set<String>> lost) {
    this.policy = policy;
    this.pools = pools;
    this.lost = lost;
    this.known = new Known(policy.get(), Set.of(), policy.get());
  }

  @Override
  public Rules rules() {
    Known before = known;
    Rules stated = policy.get();
    Set<String> down = pools.get().down();
    if (before.policy.equals(stated) && before.down.equals(down)) {
      return before.rules;
    }
    Known after = new Known(stated, down, without(stated, down));
    known = after;
    return after.rules;
  }

  private static Rules without(Rules stated, Set<String> down) {
    Set<String> usable =
        stated.usablePools().stream()
            .filter(pool -> !down.contains(pool))
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
