package dev.sluice.router.topology;

import dev.sluice.contract.avro.Beat;
import dev.sluice.contract.avro.ClassWant;
import dev.sluice.contract.avro.PoolWant;
import dev.sluice.contract.avro.PriorityClass;
import dev.sluice.contract.avro.WantStep;
import dev.sluice.contract.model.Priority;
import dev.sluice.router.core.grants.DemandCurve;
import dev.sluice.router.core.grants.PoolDemand;
import dev.sluice.router.core.grants.TaskDemand;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// What tasks want, as a router's signs of life carry it, and back.
final class WantRecords {

  private WantRecords() {}

  /// Puts the tasks of a router into its sign of life.
  static void put(Beat beat, Map<Integer, TaskDemand> tasks) {
    List<PoolWant> wants = new ArrayList<>();
    tasks.forEach((task, demand) ->
        demand.pools().forEach((pool, wanted) -> wants.add(want(task, pool, wanted))));
    beat.setTasks(List.copyOf(tasks.keySet()));
    beat.setWants(wants);
  }

  private static PoolWant want(int task, String pool, PoolDemand demand) {
    List<ClassWant> classes = new ArrayList<>();
    demand
        .classes()
        .forEach((priority, curve) ->
            classes.add(
                new ClassWant(
                    Transitions.priority(priority),
                    curve.steps().stream()
                        .map(step -> new WantStep(step.weight(), step.jobs()))
                        .toList())));
    return new PoolWant(task, pool, demand.running(), classes);
  }

  /// The tasks that a sign of life tells of; steps that no router would write are left out.
  static Map<Integer, TaskDemand> demands(Beat beat) {
    Map<Integer, Map<String, PoolDemand>> pools = new HashMap<>();
    beat.getTasks().forEach(task -> pools.put(task, new HashMap<>()));
    for (PoolWant want : beat.getWants()) {
      pools.computeIfAbsent(want.getTask(), _ -> new HashMap<>()).put(want.getPool(), demand(want));
    }
    Map<Integer, TaskDemand> demands = new HashMap<>();
    pools.forEach((task, wanted) -> demands.put(task, new TaskDemand(wanted)));
    return demands;
  }

  private static PoolDemand demand(PoolWant want) {
    Map<Priority, DemandCurve> classes = new EnumMap<>(Priority.class);
    for (ClassWant of : want.getClasses()) {
      if (of.getPriority() != PriorityClass.UNKNOWN) {
        classes.put(
            Transitions.priority(of.getPriority()),
            new DemandCurve(
                of.getSteps().stream()
                    .filter(step -> step.getWeight() > 0 && step.getJobs() > 0)
                    .map(step -> new DemandCurve.Step(step.getWeight(), step.getJobs()))
                    .toList()));
      }
    }
    return new PoolDemand(want.getRunning(), classes);
  }
}
