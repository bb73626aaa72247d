package dev.sluice.router.topology;

import dev.sluice.contract.model.Policy;
import dev.sluice.contract.price.PriceBook;
import java.util.Set;
import java.util.function.Supplier;

/// What the outside world looks like to a task; other threads change it.
interface TaskView {
  /// The policy with what is derived from it.
  record Rules(Policy policy, PriceBook prices, Set<String> usablePools) {}

  /// The same instance until something changes.
  Rules rules();

  /// Those of these workers whose lease has ended.
  Set<String> lost(Set<String> workers);

  static TaskView of(Supplier<Rules> rules, java.util.function.UnaryOperator<Set<String>> lost) {
    return new TaskView() {
      @Override
      public Rules rules() {
        return rules.get();
      }

      @Override
      public Set<String> lost(Set<String> workers) {
        return lost.apply(workers);
      }
    };
  }
}
