package dev.sluice.router.topology;

import dev.sluice.contract.model.Controls;
import dev.sluice.contract.model.Policy;
import dev.sluice.contract.price.PriceBook;
import dev.sluice.router.core.RoutePlans;
import java.util.Set;

/// What the outside world looks like to a task; other threads change it.
interface TaskView {
  /// The policy with what is derived from it.
  ///
  /// @param usablePools those whose topics exist, whose provider is not down and that are not
  ///   drained
  record Rules(Policy policy, PriceBook prices, Set<String> usablePools, RoutePlans plans) {}

  /// The same instance until something changes.
  Rules rules();

  /// What is held back; the same instance until something changes.
  Controls controls();

  /// Those of these workers whose lease has ended.
  Set<String> lost(Set<String> workers);

  /// Calls at once that the workers of a pool allow together; the largest number when none has
  /// said.
  int slots(String pool);
}
