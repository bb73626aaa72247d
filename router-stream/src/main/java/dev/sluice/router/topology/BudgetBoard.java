package dev.sluice.router.topology;

import dev.sluice.router.core.limits.NamedLimit;
import java.util.Map;
import java.util.Set;

/// What router tasks tell each other of budgets with alerts. Safe for use by many threads.
interface BudgetBoard {
  /// What tasks have told of a budget, by the number of the task, then by the first millisecond of
  /// a period.
  Map<Integer, Map<Long, Long>> told(NamedLimit budget);

  /// Budgets of which something was told since a task asked this last; at first all.
  Set<NamedLimit> news(int task);

  /// A task is no longer of this process.
  void leave(int task);
}
