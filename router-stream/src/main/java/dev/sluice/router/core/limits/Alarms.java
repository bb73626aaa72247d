package dev.sluice.router.core.limits;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

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
  List<Alert> reached(String tenant, Collection<Meter> meters, Instant now) {
    List<Alert> reached = new ArrayList<>();
    for (Meter meter : meters) {
      if (!meter.limit().alerts().isEmpty()) {
        meter
            .usedByPeriod(now)
            .forEach((period, used) -> {
              for (BigDecimal fraction : meter.limit().alerts()) {
                if (meter.limit().reaches(fraction, used)
                    && rises(told, meter.key(), period, fraction)) {
                  reached.add(meter.alert(tenant, fraction, used, period));
                }
              }
            });
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
  Map<String, Map<Long, Long>> kept(Collection<Meter> meters, Instant now) {
    for (Meter meter : meters) {
      if (told.containsKey(meter.key())) {
        Set<Long> periods = meter.usedByPeriod(now).keySet();
        forget(told, meter.key(), periods);
        forget(delivered, meter.key(), periods);
      }
    }
    Map<String, Map<Long, Long>> kept = new HashMap<>();
    delivered.forEach((key, periods) -> kept.put(key, Map.copyOf(periods)));
    return kept;
  }

  private static void forget(
      Map<String, Map<Long, Long>> known, String key, Set<Long> stillCounted) {
    Map<Long, Long> periods = known.get(key);
    if (periods != null) {
      periods.keySet().retainAll(stillCounted);
      if (periods.isEmpty()) {
        known.remove(key);
      }
    }
  }
}
