package dev.sluice.router.core;

import dev.sluice.contract.model.Policy;
import dev.sluice.router.core.grants.Allowance;
import dev.sluice.router.core.grants.Demands;
import dev.sluice.router.core.grants.Grants;
import dev.sluice.router.core.grants.TaskDemand;
import java.util.Optional;

/// One task among those that share the pools: when it tells what it wants, and what it may take.
/// Each has something to tell with every sign of life of its router, and at once when what it wants
/// is no longer what it told. A task that knows of no other has all of every pool, and tells only
/// that it is there.
///
/// What may be taken is a view, like the slots of a pool: it is computed from what was read last,
/// and nothing of it is in the log. Owned by one thread.
public final class TaskGrants {
  /// What a task tells.
  ///
  /// @param atOnce whether others should read it before the next sign of life
  public record Telling(TaskDemand demand, boolean atOnce) {}

  /// Ticks from one telling to the next, half a second's.
  static final int USUAL = 50;

  /// The same where what it wants has changed; also between two looks at what others told.
  static final int SOONEST = 5;

  private final int task;
  private final Pools pools;
  private TaskDemand own = TaskDemand.NONE;
  private Demands seen = Demands.NONE;
  private boolean present;
  private boolean shares;
  private int sinceTold;
  private int sinceGranted;

  public TaskGrants(int task, Pools pools) {
    this.task = task;
    this.pools = pools;
  }

  /// Lets a hundredth of a second pass.
  ///
  /// @param told what was read last of all tasks
  /// @return what is to be told now
  public Optional<Telling> tick(Demands told, Policy policy) {
    if (!told.hasOthersThan(task)) {
      return alone(policy);
    }
    sinceTold++;
    sinceGranted++;
    boolean atOnce =
        !shares || (sinceTold >= SOONEST && pools.wantOther(own, told.byTask().size(), policy));
    shares = true;
    boolean tells = atOnce || sinceTold >= USUAL;
    if (tells) {
      own = pools.demand(policy);
      sinceTold = 0;
    }
    if (tells || pools.grantsAreOld(policy) || (sinceGranted >= SOONEST && !told.equals(seen))) {
      pools.grant(policy, (pool, slots) -> Grants.of(pool, slots, task, own, told));
      seen = told;
      sinceGranted = 0;
    }
    return tells ? Optional.of(new Telling(own, atOnce)) : Optional.empty();
  }

  private Optional<Telling> alone(Policy policy) {
    if (present && !shares) {
      return Optional.empty();
    }
    present = true;
    shares = false;
    pools.grant(policy, (_, _) -> Allowance.ALL);
    return Optional.of(new Telling(TaskDemand.NONE, true));
  }
}
