package dev.sluice.router.core.limits;

import dev.sluice.contract.model.Limit;
import dev.sluice.contract.model.LimitNames;
import dev.sluice.contract.model.Policy;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Which parts of one tenant's budgets were reached and told, each once a period. What is used in a
/// period only grows, so of each period the highest fraction says all. What was told is kept with
/// the tenant's use once it is surely delivered; after a crash before that it is told again. Not
/// safe for several threads.
final class Alarms {
  private static final int PLACES = 6;

  /// The highest fraction told, millionths, by budget and by first millisecond of its period.
  private final Map<String, Map<Long, Long>> told = new HashMap<>();

  /// The same of what is surely delivered.
  private final Map<String, Map<Long, Long>> delivered = new HashMap<>();

  /// Takes what the log keeps of a budget.
  void restore(String name, Map<Long, Long> kept) {
    for (Map<String, Map<Long, Long>> known : List.of(told, delivered)) {
      Map<Long, Long> periods = known.computeIfAbsent(name, _ -> new HashMap<>());
      kept.forEach((period, fraction) -> periods.merge(period, fraction, Math::max));
    }
  }

  /// What has been reached since this was last asked.
  ///
  /// @param used of the tenant's budgets, wherever, by name and by the first millisecond of a
  ///   period
  List<Alert> reached(Policy.Tenant tenant, Map<String, Map<Long, Long>> used, Instant now) {
    if (used.isEmpty()) {
      return List.of();
    }
    LimitNames names = new LimitNames(tenant.limits());
    List<Alert> reached = new ArrayList<>();
    used.forEach((name, periods) -> {
      Limit limit = names.of(name).orElse(null);
      if (limit != null) {
        long first = Uses.firstCounted(limit.window(), now);
        periods.forEach((period, amount) -> {
          if (period >= first) {
            reached.addAll(reached(tenant.id(), limit, name, period, amount));
          }
        });
      }
    });
    return reached;
  }

  private List<Alert> reached(String tenant, Limit limit, String key, long period, long used) {
    List<Alert> reached = new ArrayList<>();
    for (BigDecimal fraction : limit.alerts()) {
      if (limit.reaches(fraction, used) && rises(told, key, period, fraction)) {
        Instant start = Instant.ofEpochMilli(period);
        Optional<Instant> end = Uses.endOf(limit.window(), start);
        reached.add(new Alert(tenant, limit, key, fraction, used, start, end));
      }
    }
    return reached;
  }

  /// An alert is surely delivered.
  void delivered(Alert alert) {
    var _ = rises(delivered, alert.key(), alert.start().toEpochMilli(), alert.fraction());
  }

  /// Whether a fraction is higher than what is known of a period, which it is from now on.
  private static boolean rises(
      Map<String, Map<Long, Long>> known, String key, long period, BigDecimal fraction) {
    long millionths =
        fraction.movePointRight(PLACES).setScale(0, RoundingMode.CEILING).longValueExact();
    Map<Long, Long> periods = known.computeIfAbsent(key, _ -> new HashMap<>());
    if (millionths <= periods.getOrDefault(period, 0L)) {
      return false;
    }
    periods.put(period, millionths);
    return true;
  }

  /// What the log is to keep of a budget, without periods that are over.
  Map<Long, Long> kept(Meter budget, Instant now) {
    prune(told, budget, now);
    prune(delivered, budget, now);
    return Map.copyOf(delivered.getOrDefault(budget.key(), Map.of()));
  }

  /// Whether nothing was told of a budget that could be told again.
  boolean nothingToldOf(Meter budget, Instant now) {
    prune(told, budget, now);
    prune(delivered, budget, now);
    return !told.containsKey(budget.key());
  }

  private static void prune(Map<String, Map<Long, Long>> known, Meter budget, Instant now) {
    Map<Long, Long> periods = known.get(budget.key());
    if (periods != null) {
      long first = Uses.firstCounted(budget.limit().window(), now);
      periods.keySet().removeIf(period -> period < first);
      if (periods.isEmpty()) {
        known.remove(budget.key());
      }
    }
  }
}
