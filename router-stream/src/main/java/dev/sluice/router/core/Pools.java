package dev.sluice.router.core;

import dev.sluice.contract.model.JobId;
import dev.sluice.contract.model.Policy;
import dev.sluice.contract.model.Priority;
import dev.sluice.contract.model.Shards;
import dev.sluice.router.core.grants.Allowance;
import dev.sluice.router.core.grants.PoolDemand;
import dev.sluice.router.core.grants.TaskDemand;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;

/// The pools as one task sees them: who waits before each, how much of each the task has released,
/// and how much it may. Owned by one thread.
public final class Pools {

  /// The least part of its share that a tenant has where it has jobs.
  private static final double LEAST_PART = 1.0 / Shards.MOST;

  private final Map<String, PoolDesk> desks = new HashMap<>();
  private final Map<String, Placement> lastPlaced = new HashMap<>();
  private final ShadowLines shadows = new ShadowLines();
  private ToIntFunction<String> paced = _ -> Integer.MAX_VALUE;
  private TaskPart part = TaskPart.WHOLE;

  /// From now on a pool has no more slots than this says, whatever the policy allows.
  public void pacedBy(ToIntFunction<String> slots) {
    paced = slots;
  }

  /// From now on the task has only this part of tenants that are in shards.
  void has(TaskPart own) {
    part = own;
  }

  TaskPart part() {
    return part;
  }

  /// Shadow copies that wait, and how many there are.
  ShadowLines shadows() {
    return shadows;
  }

  /// Puts a job where it is to wait, or leaves it there.
  ///
  /// @param lane the limits it stands before
  void enqueue(LiveJob job, Placement placement, String lane) {
    if (job.standsIn(placement.pool(), lane)) {
      job.goesTo(shared(placement));
      return;
    }
    job.leaveLine();
    if (job.job().isCopy()) {
      shadows.enqueue(job, placement);
    } else {
      desk(placement.pool()).enqueue(job, lane, shared(placement));
    }
  }

  /// Neighbours in a pool's line mostly came there for the same reason: they share its words.
  private Placement shared(Placement placement) {
    Placement last = lastPlaced.put(placement.pool(), placement);
    if (placement.equals(last)) {
      lastPlaced.put(placement.pool(), last);
      return last;
    }
    return placement;
  }

  /// Other limits hold.
  void unparkAll() {
    desks.values().forEach(PoolDesk::unparkAll);
  }

  /// Something has become free for a tenant.
  void unpark(String tenant) {
    desks.values().forEach(desk -> desk.unpark(tenant));
  }

  void took(Job job, String pool) {
    desk(pool).took(job);
    if (job.isCopy()) {
      shadows.out(pool, 1);
    }
  }

  void gaveBack(Job job, String pool) {
    desk(pool).gaveBack(job);
    if (job.isCopy()) {
      shadows.out(pool, -1);
    }
  }

  void started(Job job, String pool) {
    took(job, pool);
    desk(pool).started();
  }

  void stopped(Job job, String pool) {
    gaveBack(job, pool);
    desk(pool).stopped();
  }

  /// Whether a job of this class could be released to a pool at once, ahead of nobody.
  boolean openFor(String pool, Priority priority, Policy policy) {
    return desk(pool).openFor(priority, slots(pool, policy));
  }

  /// Whether jobs of this class and tenant are held back by limits that those of the lane stand
  /// before.
  boolean parked(String pool, Job job, String lane) {
    return desk(pool).parked(job.priority(), job.tenant(), lane);
  }

  /// Takes the next job that credits allow out of its line, copies last.
  ///
  /// @param stops whether a pool is given nothing
  /// @param turn what becomes of a job whose turn has come
  /// @param copyStepsAside whether a copy is held back
  Optional<LiveJob> next(
      Policy policy,
      Predicate<String> stops,
      Function<LiveJob, TenantQueue.Turn> turn,
      Predicate<LiveJob> copyStepsAside) {
    for (Map.Entry<String, PoolDesk> desk : desks.entrySet()) {
      String pool = desk.getKey();
      if (!stops.test(pool)) {
        Optional<LiveJob> next =
            desk.getValue()
                .next(
                    slots(pool, policy),
                    turn,
                    (tenant, priority) -> share(policy, tenant, priority));
        if (next.isPresent()) {
          return next;
        }
      }
    }
    return shadows.next(
        pool -> stops.test(pool) ? 0 : granted(pool, policy), this::released, copyStepsAside);
  }

  /// A tenant in shards has its share once, however many tasks it is in. A job of a shard that the
  /// policy no longer has counts as one of a small share.
  private double share(Policy policy, String tenant, Priority priority) {
    return policy
        .tenant(tenant)
        .map(known ->
            known.shares().getOrDefault(priority, 1) * Math.max(LEAST_PART, part.part(known)))
        .orElse(1.0);
  }

  /// What the jobs here could use of the pools; costs a look at each tenant.
  TaskDemand demand(Policy policy) {
    Map<String, PoolDemand> demands = new HashMap<>();
    desks.forEach((pool, desk) -> {
      PoolDemand demand =
          desk.demand(slots(pool, policy), (tenant, priority) -> share(policy, tenant, priority));
      if (!demand.classes().isEmpty()) {
        demands.put(pool, demand);
      }
    });
    return new TaskDemand(demands);
  }

  /// Whether that is far from what was told of it.
  ///
  /// @param tasks that may take of what is free, count
  boolean wantOther(TaskDemand told, int tasks, Policy policy) {
    return desks.entrySet().stream()
        .anyMatch(desk ->
            desk.getValue().differs(slots(desk.getKey(), policy), told.of(desk.getKey()), tasks));
  }

  /// Whether what may be taken of some pool was counted by other slots than it has.
  boolean grantsAreOld(Policy policy) {
    return desks.entrySet().stream()
        .anyMatch(desk -> desk.getValue().allowance().slots() != slots(desk.getKey(), policy));
  }

  /// What may be taken of a pool that has so many slots.
  interface Grant {
    Allowance of(String pool, int slots);
  }

  /// From here on so much of each pool may be released.
  void grant(Policy policy, Grant grant) {
    desks.forEach((pool, desk) -> desk.grant(grant.of(pool, slots(pool, policy))));
  }

  /// Every tenant's line before every pool, as it stands; costs a look at some thousand jobs of
  /// each.
  ///
  /// @param holds why a job that is first in a parked lane may not be released
  List<WaitingLine> lines(Function<JobId, Optional<Phase.Hold>> holds) {
    return desks.entrySet().stream()
        .flatMap(desk -> desk.getValue().lines(desk.getKey(), holds).stream())
        .toList();
  }

  /// What waits for one pool in one class.
  ///
  /// @param oldest when the first of those was created that stand first in their tenants' lines
  public record Waiting(String pool, Priority priority, int jobs, Optional<Instant> oldest) {}

  /// What waits in lines; costs a look at each tenant's line, not at each job.
  public List<Waiting> backlog() {
    List<Waiting> backlog = new ArrayList<>();
    desks.forEach((pool, desk) -> {
      for (Priority priority : Priority.values()) {
        int jobs = desk.waiting(priority);
        if (jobs > 0) {
          backlog.add(
              new Waiting(pool, priority, jobs, desk.oldest(priority).map(JobId::createdAt)));
        }
      }
    });
    return backlog;
  }

  /// Jobs waiting in lines for a pool and class, count.
  public int waiting(String pool, Priority priority) {
    return desk(pool).waiting(priority);
  }

  /// Releases a pool holds, count.
  public int released(String pool) {
    return desk(pool).releasedTotal();
  }

  /// Whether workers have a slot that no claim holds, as far as other tasks have told.
  boolean hasFreeSlot(String pool, Policy policy) {
    return desk(pool).hasFreeSlot(slots(pool, policy));
  }

  /// Slots of a pool that this task may fill with copies.
  private int granted(String pool, Policy policy) {
    return Math.min(slots(pool, policy), desk(pool).allowance().credits());
  }

  private int slots(String pool, Policy policy) {
    int stated = policy.pool(pool).map(Policy.Pool::concurrency).orElse(0);
    return Math.min(stated, paced.applyAsInt(pool));
  }

  private PoolDesk desk(String pool) {
    return desks.computeIfAbsent(pool, _ -> new PoolDesk());
  }
}
