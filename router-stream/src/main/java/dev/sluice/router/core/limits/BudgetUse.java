package dev.sluice.router.core.limits;

import java.util.HashMap;
import java.util.Map;

/// What delivered answers have used of a tenant's budgets with alerts.
///
/// @param byBudget by the name of a budget and of whose it is, then by the first millisecond of a
///   period
public record BudgetUse(Map<String, Map<Long, Long>> byBudget) {
  public static final BudgetUse NONE = new BudgetUse(Map.of());

  public BudgetUse {
    byBudget = Map.copyOf(byBudget);
  }

  /// Both together.
  BudgetUse plus(BudgetUse other) {
    if (other.byBudget.isEmpty()) {
      return this;
    }
    Map<String, Map<Long, Long>> sums = new HashMap<>(byBudget);
    other.byBudget.forEach((budget, periods) -> sums.merge(budget, periods, BudgetUse::sum));
    return new BudgetUse(sums);
  }

  private static Map<Long, Long> sum(Map<Long, Long> one, Map<Long, Long> other) {
    Map<Long, Long> sum = new HashMap<>(one);
    other.forEach((period, used) -> sum.merge(period, used, Long::sum));
    return sum;
  }
}
