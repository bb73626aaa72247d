package dev.sluice.router.core;

import dev.sluice.contract.model.JobId;
import dev.sluice.contract.model.Priority;
import dev.sluice.router.core.grants.Allowance;
import dev.sluice.router.core.grants.DemandCurve;
import dev.sluice.router.core.grants.PoolDemand;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToDoubleBiFunction;

/// One pool as one task sees it: who waits for it by class, and how many releases it may hold.
///
/// Credits keep the work topics short, so that nearly everything can still be reordered: released
/// and not ended ≤ slots + max(2, 10 %), and no more than this task is granted. The most urgent
/// class may hold max(2, 10 %) beyond that, or what it is granted, so that an urgent job reaches
/// the workers' gate however many others run.
final class PoolDesk {
  /// A change of demand by less is told with the next tick.
  private static final int MIN_CHANGE = 2;

  private final Map<Priority, TenantQueue> queues = new EnumMap<>(Priority.class);
  private final Map<Priority, Integer> turn = new EnumMap<>(Priority.class);
  private final Map<Priority, Integer> released = new EnumMap<>(Priority.class);

  /// Released and not ended jobs of each tenant that has any, count.
  private final Map<Priority, Map<String, Integer>> releasedOf = new EnumMap<>(Priority.class);

  private int releasedTotal;
  private int running;
  private Allowance allowance = Allowance.ALL;

  PoolDesk() {
    for (Priority priority : Priority.values()) {
      queues.put(priority, new TenantQueue());
      turn.put(priority, 0);
    }
  }

  /// @param lane the limits it stands before
  void enqueue(LiveJob job, String lane, Placement goesTo) {
    queue(job.job().priority()).add(job, lane, goesTo);
  }

  /// Whether jobs of this class and tenant are held back by limits that those of the lane stand
  /// before.
  boolean parked(Priority priority, String tenant, String lane) {
    return queue(priority).parked(tenant, lane);
  }

  /// Other limits hold.
  void unparkAll() {
    queues.values().forEach(TenantQueue::unparkAll);
  }

  /// Something has become free for a tenant.
  void unpark(String tenant) {
    queues.values().forEach(queue -> queue.unpark(tenant));
  }

  /// A shadow copy fills a slot, and counts for no class and no tenant.
  void took(Job job) {
    if (!job.isCopy()) {
      released.merge(job.priority(), 1, Integer::sum);
      releasedOf(job.priority()).merge(job.tenant(), 1, Integer::sum);
    }
    releasedTotal++;
  }

  void gaveBack(Job job) {
    if (!job.isCopy()) {
      released.merge(job.priority(), -1, Integer::sum);
      releasedOf(job.priority())
          .computeIfPresent(job.tenant(), (_, count) -> count > 1 ? count - 1 : null);
    }
    releasedTotal--;
  }

  /// From here on it may take this much of its pool.
  void grant(Allowance granted) {
    allowance = granted;
  }

  Allowance allowance() {
    return allowance;
  }

  /// What its jobs could use of the pool; costs a look at each tenant.
  ///
  /// @param shares weight of a tenant within a class
  PoolDemand demand(int slots, ToDoubleBiFunction<String, Priority> shares) {
    Map<Priority, DemandCurve> classes = new EnumMap<>(Priority.class);
    for (Priority priority : Priority.values()) {
      DemandCurve curve = curve(slots, priority, shares);
      if (curve.jobs() > 0) {
        classes.put(priority, curve);
      }
    }
    return new PoolDemand(running, classes);
  }

  private DemandCurve curve(
      int slots, Priority priority, ToDoubleBiFunction<String, Priority> shares) {
    DemandCurve.Sketch sketch = new DemandCurve.Sketch(Allowance.total(slots));
    Map<String, Integer> taken = releasedOf(priority);
    TenantQueue waits = queue(priority);
    for (String tenant : waits.tenants()) {
      int jobs = waits.openJobs(tenant) + taken.getOrDefault(tenant, 0);
      sketch.add(shares.applyAsDouble(tenant, priority), jobs);
    }
    taken.forEach((tenant, jobs) -> {
      if (!waits.tenants().contains(tenant)) {
        sketch.add(shares.applyAsDouble(tenant, priority), jobs);
      }
    });
    return sketch.curve();
  }

  /// Whether what it could use of the pool is so far from what was told of it that other tasks
  /// should know at once: more than it can take of what is free, or much less of what others want.
  ///
  /// @param told what was told last
  /// @param tasks that may take of what is free, count
  boolean differs(int slots, PoolDemand told, int tasks) {
    int total = Allowance.total(slots);
    for (Priority priority : Priority.values()) {
      long wants = Math.min(total, queue(priority).size() + released.getOrDefault(priority, 0));
      long was = Math.min(total, told.of(priority).jobs());
      boolean more = wants > was + Math.max(MIN_CHANGE, allowance.spare() / tasks);
      boolean less = allowance.spare() == 0 && was > 2 * wants + MIN_CHANGE;
      if (more || less) {
        return true;
      }
    }
    return false;
  }

  void started() {
    running++;
  }

  void stopped() {
    running--;
  }

  int waiting(Priority priority) {
    return queue(priority).jobs();
  }

  Optional<JobId> oldest(Priority priority) {
    return queue(priority).oldest();
  }

  /// @param holds why a job that is first in a parked lane may not be released
  List<WaitingLine> lines(String pool, Function<JobId, Optional<Phase.Hold>> holds) {
    return Arrays.stream(Priority.values())
        .flatMap(priority -> queue(priority).lines(pool, priority, holds).stream())
        .toList();
  }

  int releasedTotal() {
    return releasedTotal;
  }

  /// Whether workers have a slot that no claim holds, as far as other tasks have told.
  boolean hasFreeSlot(int slots) {
    return running + allowance.elsewhere() < slots;
  }

  /// Whether a job of this class may be released past an empty queue.
  boolean openFor(Priority priority, int slots) {
    return queue(priority).size() == 0 && hasCredit(priority, slots);
  }

  /// The next job to release, by class weight, then tenant, then urgency.
  ///
  /// @param turn what becomes of a job whose turn has come
  /// @param shares weight of a tenant within a class
  Optional<LiveJob> next(
      int slots,
      Function<LiveJob, TenantQueue.Turn> turn,
      ToDoubleBiFunction<String, Priority> shares) {
    Optional<Priority> chosen = chooseClass(slots);
    while (chosen.isPresent()) {
      Priority priority = chosen.get();
      Optional<LiveJob> job =
          queue(priority).poll(turn, tenant -> shares.applyAsDouble(tenant, priority));
      if (job.isPresent()) {
        return job;
      }
      chosen = chooseClass(slots);
    }
    return Optional.empty();
  }

  /// Smooth weighted round robin over the classes that have both waiters and credit.
  private Optional<Priority> chooseClass(int slots) {
    Priority best = null;
    int total = 0;
    for (Priority priority : Priority.values()) {
      if (queue(priority).size() == 0 || !hasCredit(priority, slots)) {
        continue;
      }
      int weight = allowance.weight(priority);
      total += weight;
      int mine = turn.merge(priority, weight, Integer::sum);
      if (best == null || mine > turn.getOrDefault(best, 0)) {
        best = priority;
      }
    }
    if (best == null) {
      return Optional.empty();
    }
    turn.merge(best, -total, Integer::sum);
    return Optional.of(best);
  }

  private boolean hasCredit(Priority priority, int slots) {
    int urgent = Math.min(Allowance.margin(slots), allowance.urgent());
    return releasedTotal < Math.min(Allowance.total(slots), allowance.credits())
        || (priority == Priority.INTERACTIVE && released.getOrDefault(priority, 0) < urgent);
  }

  private Map<String, Integer> releasedOf(Priority priority) {
    return releasedOf.computeIfAbsent(priority, _ -> new HashMap<>());
  }

  private TenantQueue queue(Priority priority) {
    TenantQueue queue = queues.get(priority);
    if (queue == null) {
      throw new IllegalStateException("no queue for " + priority);
    }
    return queue;
  }
}
