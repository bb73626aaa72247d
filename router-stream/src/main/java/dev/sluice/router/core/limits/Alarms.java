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

  /// Takes what the log keeps.
  void restore(Map<String, Map<Long, Long>> kept) {
    kept.forEach((key, periods) -> {
      told.put(key, new HashMap<>(periods));
      delivered.put(key, new HashMap<>(periods));
    });
  }

  /// What has been reached since this was last asked.
  ///
  /// @param all that is used of the tenant's budgets, wherever
  List<Alert> reached(Policy.Tenant tenant, BudgetUse all, Instant now) {
    LimitNames names = new LimitNames(tenant.limits());
    List<Alert> reached = new ArrayList<>();
    all.byBudget()
        .forEach((key, periods) -> {
          Limit limit = names.of(key).orElse(null);
          if (limit != null && !limit.alerts().isEmpty()) {
            long first = Uses.firstCounted(limit.window(), now);
            periods.forEach((period, used) -> {
              if (period >= first) {
                reached.addAll(reached(tenant.id(), limit, key, period, used));
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

  /// What the log is to keep, without periods that are over.
  Map<String, Map<Long, Long>> kept(List<Limit> limits, Instant now) {
    LimitNames names = new LimitNames(limits);
    forget(told, names, now);
    forget(delivered, names, now);
    Map<String, Map<Long, Long>> kept = new HashMap<>();
    delivered.forEach((key, periods) -> kept.put(key, Map.copyOf(periods)));
    return kept;
  }

  private static void forget(Map<String, Map<Long, Long>> known, LimitNames names, Instant now) {
    known.forEach((key, periods) ->
        names
            .of(key)
            .ifPresent(limit -> {
              long first = Uses.firstCounted(limit.window(), now);
              periods.keySet().removeIf(period -> period < first);
            }));
    known.values().removeIf(Map::isEmpty);
  }
}
