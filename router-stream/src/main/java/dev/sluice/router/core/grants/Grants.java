package dev.sluice.router.core.grants;

import dev.sluice.contract.model.Priority;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/// How the tasks divide a pool: weighted max-min, first between the classes, then in each class
/// between all tenants of all tasks. What one cannot use goes to the others. Every router computes
/// it for its own tasks, from the same demands.
///
/// Parts of a slot are dealt out in turns: a task has sometimes the smaller and sometimes the
/// larger whole number, and over time what it is due. A task that has a class waiting has at least
/// one of each such class, so the sum can exceed the pool by so many.
public final class Grants {
  /// A weight of a class is never less than so much of the whole.
  private static final int LEAST_WEIGHT = Allowance.TURN / 100;

  private static final double NOTHING = 1e-9;

  private Grants() {}

  /// What a task may take of a pool.
  ///
  /// @param slots of the pool, count
  /// @param own what the task wants now, whatever was told of it
  public static Allowance of(String pool, int slots, int task, TaskDemand own, Demands told) {
    SortedMap<Integer, PoolDemand> demands = told.of(pool);
    demands.put(task, own.of(pool));
    int total = Allowance.total(slots);
    Map<Priority, Double> classes = classes(total, demands);
    SortedMap<Integer, Map<Priority, Double>> parts = parts(classes, demands);
    Map<Priority, Double> mine = parts.getOrDefault(task, Map.of());

    PoolDemand wanted = own.of(pool);
    double got = sum(mine);
    boolean content = got > wanted.jobs() - NOTHING;
    long wantedByAll = demands.values().stream().mapToLong(PoolDemand::jobs).sum();
    int spare = (int) Math.max(0, total - wantedByAll);
    int granted = whole(parts, told.turn()).getOrDefault(task, 0);
    int more = content ? Math.max(spare, Allowance.margin(granted)) : 0;
    int credits = Math.max(1, Math.min(total, granted + more));
    int margin = Allowance.margin(slots);
    int urgent = Math.max(1, (margin * credits + total - 1) / total);
    int elsewhere =
        demands.values().stream().mapToInt(PoolDemand::running).sum() - wanted.running();
    return new Allowance(slots, credits, urgent, spare, elsewhere, weights(classes, mine));
  }

  /// What each class gets of so many slots.
  static Map<Priority, Double> classes(int total, SortedMap<Integer, PoolDemand> demands) {
    Map<Priority, DemandCurve> wanted = new EnumMap<>(Priority.class);
    for (Priority priority : Priority.values()) {
      long jobs = together(demands, priority).jobs();
      if (jobs > 0) {
        DemandCurve.Step step =
            new DemandCurve.Step(Allowance.CLASSES.getOrDefault(priority, 1), jobs);
        wanted.put(priority, new DemandCurve(List.of(step)));
      }
    }
    double level = wanted.values().stream().reduce(DemandCurve.NONE, DemandCurve::and).level(total);
    Map<Priority, Double> slots = new EnumMap<>(Priority.class);
    wanted.forEach((priority, curve) -> slots.put(priority, curve.at(level)));
    return slots;
  }

  /// What each task gets of what each class has.
  static SortedMap<Integer, Map<Priority, Double>> parts(
      Map<Priority, Double> classes, SortedMap<Integer, PoolDemand> demands) {
    SortedMap<Integer, Map<Priority, Double>> parts = new TreeMap<>();
    classes.forEach((priority, slots) -> {
      double level = together(demands, priority).level(slots);
      demands.forEach((task, demand) -> {
        if (!demand.of(priority).steps().isEmpty()) {
          parts
              .computeIfAbsent(task, _ -> new EnumMap<>(Priority.class))
              .put(priority, demand.of(priority).at(level));
        }
      });
    });
    return parts;
  }

  private static DemandCurve together(SortedMap<Integer, PoolDemand> demands, Priority priority) {
    Stream<DemandCurve.Step> steps =
        demands.values().stream().flatMap(demand -> demand.of(priority).steps().stream());
    return new DemandCurve(steps.toList());
  }

  /// The parts in whole slots: each task's between the two whole numbers around it, and their sum
  /// that of the parts.
  static Map<Integer, Integer> whole(SortedMap<Integer, Map<Priority, Double>> parts, double turn) {
    Map<Integer, Integer> whole = new TreeMap<>();
    double before = turn;
    for (Map.Entry<Integer, Map<Priority, Double>> part : parts.entrySet()) {
      double after = before;
      for (double slots : part.getValue().values()) {
        after += Math.max(1, slots);
      }
      whole.put(part.getKey(), (int) (Math.floor(after + NOTHING) - Math.floor(before + NOTHING)));
      before = after;
    }
    return whole;
  }

  private static double sum(Map<Priority, Double> parts) {
    return parts.values().stream().mapToDouble(Double::doubleValue).sum();
  }

  /// How the classes of one task take turns: each by its share of the pool, and by the part of that
  /// which is this task's. Where only one task wants a pool these are the shares.
  private static Map<Priority, Integer> weights(
      Map<Priority, Double> classes, Map<Priority, Double> mine) {
    Map<Priority, Double> weights = new EnumMap<>(Priority.class);
    Allowance.CLASSES.forEach((priority, share) -> {
      double all = classes.getOrDefault(priority, 0.0);
      double part = all > 0 ? mine.getOrDefault(priority, 0.0) / all : 1;
      weights.put(priority, share * part);
    });
    double sum = Math.max(NOTHING, sum(weights));
    Map<Priority, Integer> scaled = new EnumMap<>(Priority.class);
    weights.forEach((priority, weight) ->
        scaled.put(
            priority, Math.max(LEAST_WEIGHT, (int) Math.round(weight / sum * Allowance.TURN))));
    return scaled;
  }
}
