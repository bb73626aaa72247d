package dev.sluice.router.core.grants;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.model.Priority;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class GrantsTest {
  private static final String POOL = "p";

  @Test
  void aTaskThatAloneWantsAPoolHasAllOfIt() {
    TaskDemand own = demand(Priority.BATCH, tenants(5, 1_000));

    Allowance allowance = Grants.of(POOL, 32, 0, own, demands(Map.of(1, TaskDemand.NONE), 0.3));

    assertEquals(36, allowance.credits());
    assertEquals(4, allowance.urgent());
    assertEquals(Allowance.ALL.weights(), allowance.weights());
  }

  @Test
  void aTaskThatHasToldNothingMayTakeWhatNobodyWants() {
    Demands told = demands(Map.of(1, demand(Priority.STANDARD, tenants(5, 1))), 0.3);

    Allowance allowance = Grants.of(POOL, 32, 0, TaskDemand.NONE, told);

    assertEquals(31, allowance.credits());
    assertEquals(31, allowance.spare());
  }

  @Test
  void aTaskThatHasToldNothingMayBeginWhereOthersWantAll() {
    Demands told = demands(Map.of(1, demand(Priority.STANDARD, tenants(5, 1_000))), 0.3);

    Allowance allowance = Grants.of(POOL, 32, 0, TaskDemand.NONE, told);

    assertEquals(2, allowance.credits());
    assertEquals(1, allowance.urgent());
  }

  @Test
  void aTenantGetsTheSameInAnyTask() {
    TaskDemand fortyNine = demand(Priority.STANDARD, tenants(49, 1_000));
    TaskDemand one = demand(Priority.STANDARD, tenants(1, 1_000));
    Demands told = demands(Map.of(0, fortyNine, 1, one), 0);

    assertEquals(539, Grants.of(POOL, 500, 0, fortyNine, told).credits());
    assertEquals(11, Grants.of(POOL, 500, 1, one, told).credits());
  }

  @Test
  void tenantsThatWantLittleDoNotWinShareForTheirNeighbour() {
    DemandCurve.Sketch sketch = new DemandCurve.Sketch(110);
    for (int i = 0; i < 49; i++) {
      sketch.add(1, 1);
    }
    sketch.add(1, 1_000);
    TaskDemand crowd = demand(Priority.STANDARD, sketch.curve());
    TaskDemand one = demand(Priority.STANDARD, tenants(1, 1_000));
    Demands told = demands(Map.of(0, crowd, 1, one), 0);

    // 110 slots: 49 for those that want one each, the rest for the two that want all.
    assertEquals(79, Grants.of(POOL, 100, 0, crowd, told).credits(), 1);
    assertEquals(31, Grants.of(POOL, 100, 1, one, told).credits(), 1);
  }

  @Test
  void classesShareByTheirWeightsAcrossTasks() {
    TaskDemand urgent = demand(Priority.INTERACTIVE, tenants(1, 1_000));
    TaskDemand bulk = demand(Priority.BATCH, tenants(40, 100_000));
    Demands told = demands(Map.of(0, urgent, 1, bulk), 0);

    assertEquals(88, Grants.of(POOL, 90, 0, urgent, told).credits());
    assertEquals(11, Grants.of(POOL, 90, 1, bulk, told).credits());
  }

  @Test
  void aClassOfWhichATaskHasLittleHasLittleWeightInIt() {
    Map<Priority, DemandCurve> both = new EnumMap<>(Priority.class);
    both.put(Priority.INTERACTIVE, tenants(1, 1_000));
    both.put(Priority.BATCH, tenants(1, 1_000));
    TaskDemand mixed = new TaskDemand(Map.of(POOL, new PoolDemand(0, both)));
    TaskDemand urgent = demand(Priority.INTERACTIVE, tenants(7, 1_000));
    Demands told = demands(Map.of(0, mixed, 1, urgent), 0);

    Map<Priority, Integer> weights = Grants.of(POOL, 90, 0, mixed, told).weights();

    // An eighth of the interactive tenants, and all of the batch.
    assertEquals(weights.get(Priority.INTERACTIVE).doubleValue(), weights.get(Priority.BATCH), 2);
  }

  @Test
  void whatDoesNotDivideIsGivenInTurns() {
    Map<Integer, Integer> got = new HashMap<>();
    for (int turn = 0; turn < 1_000; turn++) {
      Map<Integer, TaskDemand> tasks = new HashMap<>();
      for (int task = 0; task < 4; task++) {
        tasks.put(task, demand(Priority.STANDARD, tenants(1, 1_000)));
      }
      Demands told = demands(tasks, turn / 1_000.0);
      for (int task = 0; task < 4; task++) {
        got.merge(task, Grants.of(POOL, 4, task, tasks.get(task), told).credits(), Integer::sum);
      }
    }
    got.values().forEach(sum -> assertEquals(1_500, sum, 2));
  }

  @Test
  void callsOfOtherTasksHoldTheirSlots() {
    TaskDemand own =
        new TaskDemand(Map.of(POOL, new PoolDemand(3, Map.of(Priority.BATCH, tenants(1, 9)))));
    TaskDemand other =
        new TaskDemand(Map.of(POOL, new PoolDemand(5, Map.of(Priority.BATCH, tenants(1, 9)))));

    assertEquals(5, Grants.of(POOL, 8, 0, own, demands(Map.of(0, own, 1, other), 0)).elsewhere());
  }

  @Test
  void allThatIsWantedIsGivenAndNoMoreThanThereIs() {
    for (int seed = 0; seed < 300; seed++) {
      Random random = new Random(seed);
      int slots = random.nextInt(200);
      SortedMap<Integer, PoolDemand> demands = new TreeMap<>();
      drawn(random).forEach((task, demand) -> demands.put(task, demand.of(POOL)));
      int total = Allowance.total(slots);

      Map<Priority, Double> classes = Grants.classes(total, demands);
      SortedMap<Integer, Map<Priority, Double>> parts = Grants.parts(classes, demands);
      double given = 0;
      double least = 0;
      for (Map<Priority, Double> part : parts.values()) {
        given += part.values().stream().mapToDouble(Double::doubleValue).sum();
        least += part.values().stream().mapToDouble(slot -> Math.max(1, slot)).sum();
      }
      long wanted = demands.values().stream().mapToLong(PoolDemand::jobs).sum();
      int whole =
          Grants.whole(parts, random.nextDouble()).values().stream()
              .mapToInt(Integer::intValue)
              .sum();

      assertEquals(Math.min(total, wanted), given, 1e-6, "seed " + seed);
      assertEquals(least, whole, 1 + 1e-6, "seed " + seed);
    }
  }

  @Test
  void whoWantsMoreGetsNoLess() {
    for (int seed = 0; seed < 300; seed++) {
      Random random = new Random(seed);
      int slots = random.nextInt(200);
      SortedMap<Integer, TaskDemand> tasks = drawn(random);
      int task = tasks.firstKey();
      TaskDemand less = tasks.get(task);
      PoolDemand was = less.of(POOL);
      Map<Priority, DemandCurve> classes = new EnumMap<>(Priority.class);
      classes.putAll(was.classes());
      classes.merge(Priority.values()[random.nextInt(3)], tenants(1, 500), DemandCurve::and);
      TaskDemand more = new TaskDemand(Map.of(POOL, new PoolDemand(0, classes)));
      Demands told = demands(tasks, random.nextDouble());

      int before = Grants.of(POOL, slots, task, less, told).credits();
      int after = Grants.of(POOL, slots, task, more, told).credits();

      // What it could take beyond what it wanted is no longer beyond.
      int beyond = before - (int) Math.min(before, was.jobs());
      assertTrue(after >= before - beyond - 1, "seed " + seed + ": " + before + ", " + after);
    }
  }

  @Test
  void aTaskAlwaysMayTakeOneOfEachClassThatWaits() {
    for (int seed = 0; seed < 300; seed++) {
      Random random = new Random(seed);
      SortedMap<Integer, TaskDemand> tasks = drawn(random);
      Demands told = demands(tasks, random.nextDouble());
      int slots = 1 + random.nextInt(3);
      for (int task : tasks.keySet()) {
        TaskDemand own = tasks.get(task);
        Allowance allowance = Grants.of(POOL, slots, task, own, told);
        assertTrue(
            allowance.credits() >= Math.min(3, own.of(POOL).classes().size()), "seed " + seed);
        allowance.weights().values().forEach(weight -> assertTrue(weight >= 130));
      }
    }
  }

  @Test
  void whatARouterToldIsGoneWithIt() {
    Demands.Fold fold = new Demands.Fold();
    TaskDemand some = demand(Priority.BATCH, tenants(1, 9));
    fold.told("a", Map.of(0, some, 1, some));
    fold.told("b", Map.of(2, some));

    fold.gone(Set.of("a"));

    assertEquals(Map.of(2, some), fold.view().byTask());
  }

  @Test
  void aTaskBelongsToWhoToldOfItLast() {
    Demands.Fold fold = new Demands.Fold();
    TaskDemand some = demand(Priority.BATCH, tenants(1, 9));
    fold.told("a", Map.of(0, some));
    fold.told("b", Map.of(0, TaskDemand.NONE, 1, some));

    fold.told("a", Map.of());
    assertEquals(Map.of(0, TaskDemand.NONE, 1, some), fold.view().byTask());

    fold.gone(Set.of("a"));
    assertEquals(Map.of(0, TaskDemand.NONE, 1, some), fold.view().byTask());
  }

  private static SortedMap<Integer, TaskDemand> drawn(Random random) {
    SortedMap<Integer, TaskDemand> tasks = new TreeMap<>();
    for (int task = 0; task <= random.nextInt(6); task++) {
      Map<Priority, DemandCurve> classes = new EnumMap<>(Priority.class);
      for (Priority priority : Priority.values()) {
        DemandCurve.Sketch sketch = new DemandCurve.Sketch(220);
        for (int tenant = random.nextInt(10); tenant > 0; tenant--) {
          sketch.add(1 + random.nextInt(8), random.nextInt(100));
        }
        if (!sketch.curve().steps().isEmpty()) {
          classes.put(priority, sketch.curve());
        }
      }
      tasks.put(task, new TaskDemand(Map.of(POOL, new PoolDemand(0, classes))));
    }
    return tasks;
  }

  private static TaskDemand demand(Priority priority, DemandCurve curve) {
    return new TaskDemand(Map.of(POOL, new PoolDemand(0, Map.of(priority, curve))));
  }

  private static DemandCurve tenants(int count, long jobs) {
    return new DemandCurve(List.of(new DemandCurve.Step(count, count * jobs)));
  }

  private static Demands demands(Map<Integer, TaskDemand> tasks, double turn) {
    return new Demands(new TreeMap<>(tasks), turn);
  }
}
