package dev.sluice.router.core.grants;

import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/// What all tasks want, as they told it last.
///
/// @param byTask by number of the task, that of its partition
/// @param turn whose turn it is where slots do not divide evenly, from 0 to below 1
public record Demands(SortedMap<Integer, TaskDemand> byTask, double turn) {
  public static final Demands NONE = new Demands(new TreeMap<>(), 0);

  public Demands {
    byTask = Collections.unmodifiableSortedMap(new TreeMap<>(byTask));
  }

  /// Whether any other task is known.
  public boolean hasOthersThan(int task) {
    return byTask.size() > (byTask.containsKey(task) ? 1 : 0);
  }

  /// What each task wants of a pool.
  SortedMap<Integer, PoolDemand> of(String pool) {
    SortedMap<Integer, PoolDemand> demands = new TreeMap<>();
    byTask.forEach((task, demand) -> demands.put(task, demand.of(pool)));
    return demands;
  }

  /// Puts together what the routers tell. A task that has moved belongs to whoever told of it last,
  /// and what a router told is gone with it. Owned by one thread.
  public static final class Fold {
    private record Told(String router, TaskDemand demand) {}

    private final Map<Integer, Told> byTask = new HashMap<>();
    private Demands view = NONE;

    public Demands view() {
      return view;
    }

    /// Routers whose tasks are known.
    public Set<String> routers() {
      Set<String> routers = new HashSet<>();
      byTask.values().forEach(told -> routers.add(told.router));
      return routers;
    }

    /// A router tells what all of its tasks want.
    public void told(String router, Map<Integer, TaskDemand> tasks) {
      byTask.values().removeIf(told -> told.router.equals(router));
      tasks.forEach((task, demand) -> byTask.put(task, new Told(router, demand)));
      view = new Demands(demands(), view.turn);
    }

    /// Routers that are gone.
    public void gone(Set<String> routers) {
      if (byTask.values().removeIf(told -> routers.contains(told.router))) {
        view = new Demands(demands(), view.turn);
      }
    }

    /// A router has ticked: where slots do not divide evenly, others get the odd ones.
    ///
    /// @param position of the tick in its topic, the same for all who read it
    public void ticked(long position) {
      if (byTask.size() > 1) {
        view = new Demands(view.byTask, spread(position));
      }
    }

    private SortedMap<Integer, TaskDemand> demands() {
      SortedMap<Integer, TaskDemand> demands = new TreeMap<>();
      byTask.forEach((task, told) -> demands.put(task, told.demand));
      return demands;
    }

    /// Positions grow by much the same from tick to tick; what comes of them must not.
    private static double spread(long position) {
      long mixed = (position + 1) * 0x9E3779B97F4A7C15L;
      mixed = (mixed ^ (mixed >>> 32)) * 0xD6E8FEB86659FD93L;
      return ((mixed ^ (mixed >>> 32)) >>> 11) * 0x1.0p-53;
    }
  }
}
