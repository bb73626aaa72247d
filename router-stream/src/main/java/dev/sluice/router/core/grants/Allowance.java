package dev.sluice.router.core.grants;

import dev.sluice.contract.model.Priority;
import java.util.EnumMap;
import java.util.Map;

/// What one task may take of one pool.
///
/// @param slots of the pool that this was counted by, count; -1 where nothing was counted
/// @param credits jobs that may be released and not ended, count
/// @param urgent of the most urgent class alone, jobs that may be beyond that, count
/// @param spare slots that nobody wants, count; part of the credits
/// @param elsewhere calls of other tasks that the workers run, count
/// @param weights how its own classes take turns where several wait
public record Allowance(
    int slots, int credits, int urgent, int spare, int elsewhere, Map<Priority, Integer> weights) {
  private static final int MIN_MARGIN = 2;

  /// Shares of the classes of a pool when all wait: the lowest keeps 1 of 13.
  static final Map<Priority, Integer> CLASSES =
      new EnumMap<>(Map.of(Priority.INTERACTIVE, 8, Priority.STANDARD, 4, Priority.BATCH, 1));

  /// What the weights of all classes add up to.
  static final int TURN = 13_000;

  /// The whole pool, for a task that knows of no other.
  public static final Allowance ALL =
      new Allowance(
          -1,
          Integer.MAX_VALUE,
          Integer.MAX_VALUE,
          Integer.MAX_VALUE,
          0,
          Map.of(Priority.INTERACTIVE, 8_000, Priority.STANDARD, 4_000, Priority.BATCH, 1_000));

  public Allowance {
    weights = Map.copyOf(weights);
  }

  /// Jobs released beyond the slots, so that a worker that is done finds the next one: max(2, 10
  /// %).
  public static int margin(int slots) {
    return Math.max(MIN_MARGIN, (slots + 9) / 10);
  }

  /// Jobs that all tasks together may have released and not ended.
  public static int total(int slots) {
    return slots + margin(slots);
  }

  public int weight(Priority priority) {
    return weights.getOrDefault(priority, 1);
  }
}
