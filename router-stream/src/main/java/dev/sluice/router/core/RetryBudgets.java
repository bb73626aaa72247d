package dev.sluice.router.core;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/// How often one tenant's failed calls to one pool may be made again, so that retries do not keep a
/// struggling provider down: one retry a second, and one for every five first attempts of the last
/// ten seconds or so. What was not used is kept for ten seconds. A retry beyond that is not lost,
/// it waits until it has been earned.
///
/// Each task has its own. It is not part of the log: what a retry waits for is written into its
/// job. Owned by one thread.
public final class RetryBudgets {
  /// Retries earned by a first attempt.
  static final double SHARE = 0.2;

  /// Retries a second that are earned in any case.
  static final double FLOOR = 1;

  /// For so long first attempts count, and unused retries are kept.
  static final Duration WINDOW = Duration.ofSeconds(10);

  /// Longest wait for a retry to be earned.
  static final Duration MAX_WAIT = Duration.ofSeconds(30);

  /// What a decision needs to know.
  @FunctionalInterface
  public interface View {
    /// Without any bound.
    View UNBOUNDED = (tenant, pool) -> Duration.ZERO;

    /// How long a retry of this tenant at this pool has to wait.
    Duration wait(String tenant, String pool);
  }

  private record Key(String tenant, String pool) {}

  /// @param left retries that may be made now; below 0 what is owed to those that wait
  /// @param firsts first attempts of late, fading
  private record Budget(double left, double firsts, Instant at) {
    double earnedASecond() {
      return FLOOR + SHARE * firsts / seconds(WINDOW);
    }

    Budget at(Instant now) {
      double passed = Math.max(0, seconds(Duration.between(at, now)));
      double most = earnedASecond() * seconds(WINDOW);
      return new Budget(
          Math.min(most, left + FLOOR * passed),
          firsts * Math.exp(-passed / seconds(WINDOW)),
          now.isAfter(at) ? now : at);
    }
  }

  /// Least recently used first, so that those nobody has used for long are found at once.
  private final Map<Key, Budget> budgets = new LinkedHashMap<>(16, 0.75f, true);

  /// A job is released for the first time.
  public void first(String tenant, String pool, Instant now) {
    Budget budget = budget(tenant, pool, now);
    put(tenant, pool, new Budget(budget.left + SHARE, budget.firsts + 1, budget.at));
    forgetOne(now);
  }

  /// A retry was decided on.
  public void retry(String tenant, String pool, Instant now) {
    Budget budget = budget(tenant, pool, now);
    put(tenant, pool, new Budget(budget.left - 1, budget.firsts, budget.at));
  }

  /// How long a retry that is decided now has to wait.
  public Duration wait(String tenant, String pool, Instant now) {
    Budget budget = budget(tenant, pool, now);
    if (budget.left >= 1) {
      return Duration.ZERO;
    }
    double seconds = (1 - budget.left) / budget.earnedASecond();
    Duration wait = Duration.ofMillis((long) Math.ceil(1_000 * seconds));
    return wait.compareTo(MAX_WAIT) > 0 ? MAX_WAIT : wait;
  }

  /// Budgets kept, count.
  int size() {
    return budgets.size();
  }

  private Budget budget(String tenant, String pool, Instant now) {
    Budget known = budgets.get(new Key(tenant, pool));
    return known == null ? new Budget(FLOOR * seconds(WINDOW), 0, now) : known.at(now);
  }

  private void put(String tenant, String pool, Budget budget) {
    budgets.put(new Key(tenant, pool), budget);
  }

  /// Each first attempt forgets at most one other: the map grows with those in use, and no further.
  private void forgetOne(Instant now) {
    var eldest = budgets.entrySet().iterator();
    if (eldest.hasNext()) {
      Budget oldest = eldest.next().getValue();
      if (Duration.between(oldest.at, now).compareTo(MAX_WAIT.plus(WINDOW)) > 0) {
        eldest.remove();
      }
    }
  }

  private static double seconds(Duration time) {
    return time.toNanos() / 1e9;
  }
}
