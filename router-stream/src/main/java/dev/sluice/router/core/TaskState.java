package dev.sluice.router.core;

import dev.sluice.contract.model.Control;
import dev.sluice.contract.model.Controls;
import dev.sluice.contract.model.JobId;
import dev.sluice.contract.model.Policy;
import dev.sluice.contract.model.Priority;
import dev.sluice.contract.price.PriceBook;
import dev.sluice.router.core.RoutePolicy.RouteDecision;
import dev.sluice.router.core.TenantQueue.Turn;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// All live jobs of one task, and everything derived from them: lines, credits, timers, who runs
/// what. All of it is derived from the jobs as they are, in life and at restore alike, so a
/// restored state equals the one that was lost. Owned by one thread.
public final class TaskState {
  private JobTable live = new JobTable();
  private final Pools pools = new Pools();
  private final WorkerCalls calls = new WorkerCalls();
  private final DueJobs due = new DueJobs();
  private final Pauses pauses = new Pauses();
  private final GroupMembers groups = new GroupMembers();
  private final LimitGate gate = new LimitGate();
  private final PlacingRound round = new PlacingRound();
  private Predicate<String> usable = _ -> true;
  private final Set<JobId> unplaced = new LinkedHashSet<>();
  private final Set<JobId> done = new LinkedHashSet<>();

  /// From now on the task has only this part of tenants that are in shards; before [#adopt].
  public void has(TaskPart own) {
    pools.has(own);
  }

  public TaskPart part() {
    return pools.part();
  }

  public Optional<Job> job(JobId id) {
    return Optional.ofNullable(live.job(id));
  }

  public int size() {
    return live.size();
  }

  /// All, in the order in which they came.
  Collection<Job> jobs() {
    return live.jobs().toList();
  }

  /// Who waits for which pool, and what pools may be given.
  public Pools pools() {
    return pools;
  }

  /// What limits let through, and what they count.
  public LimitGate gate() {
    return gate;
  }

  /// Who may be running what.
  public WorkerCalls calls() {
    return calls;
  }

  /// Takes over what was restored, as if each job had been applied, before any other; nobody else
  /// may change it from then on.
  ///
  /// @param each is told of every job, in the order in which they came
  public void restore(JobTable restored, Consumer<? super Job> each) {
    if (live.size() > 0) {
      throw new IllegalStateException("jobs are restored before others come");
    }
    live = restored;
    live.stream()
        .forEach(known -> {
          appear(known);
          each.accept(known.job());
        });
  }

  /// Takes a job's after-image in place of what was known of it. One that goes on waiting for the
  /// same, and as urgently, keeps its place.
  public void apply(Job after) {
    LiveJob known = live.get(after.id());
    if (known == null) {
      appear(live.add(after));
      return;
    }
    leave(known.job());
    if (!waitsOn(known.job(), after)) {
      known.leaveLine();
    }
    known.become(after);
    enter(known);
  }

  private void appear(LiveJob fresh) {
    pools.shadows().live(fresh.job().isCopy() ? 1 : 0);
    enter(fresh);
  }

  private static boolean waitsOn(Job before, Job after) {
    return before.phase() instanceof Phase.Waiting was
        && after.phase() instanceof Phase.Waiting is
        && was.notBefore().equals(is.notBefore())
        && was.next().equals(is.next())
        && before.priority() == after.priority()
        && before.deadline().equals(after.deadline());
  }

  /// Forgets a job whose outputs are surely delivered.
  public void forget(JobId id) {
    LiveJob known = live.remove(id);
    if (known != null) {
      Job job = known.job();
      leave(job);
      known.leaveLine();
      due.forget(known);
      groups.forget(job);
      gate.forget(job);
      pools.shadows().live(job.isCopy() ? -1 : 0);
    }
  }

  private void enter(LiveJob known) {
    Job job = known.job();
    count(job);
    due.rearm(known);
    groups.count(job);
    if (gate.count(job)) {
      pools.unpark(job.tenant());
    }
  }

  private void count(Job job) {
    job.openClaim()
        .ifPresent(claim -> {
          pools.started(job, claim.placement().pool());
          calls.started(claim.worker(), job.id());
        });
    job.openRelease().ifPresent(out -> pools.took(job, out.placement().pool()));
    if (job.done() && job.openClaim().isEmpty() && job.openRelease().isEmpty()) {
      done.add(job.id());
    }
  }

  private void leave(Job before) {
    before
        .openClaim()
        .ifPresent(claim -> {
          pools.stopped(before, claim.placement().pool());
          calls.stopped(claim.worker(), before.id());
        });
    before.openRelease().ifPresent(out -> pools.gaveBack(before, out.placement().pool()));
    switch (before.phase()) {
      case Phase.Waiting _ -> {
        unplaced.remove(before.id());
        pauses.back(before.id());
      }
      case Phase.Released _, Phase.Running _ -> {}
      case Phase.Done _ -> done.remove(before.id());
    }
  }

  /// From here on other limits and prices hold.
  public void adopt(Policy policy, PriceBook prices, Instant now) {
    gate.limits().adopt(part().of(policy), prices, now);
    live.stream().forEach(known -> gate.count(known.job()));
    pools.unparkAll();
  }

  /// Lets tenants try again whose limits time alone has freed.
  public void wake(Instant now) {
    gate.due(now).forEach(pools::unpark);
  }

  /// What is held back.
  public Controls controls() {
    return pauses.controls();
  }

  /// From now on this is held back, and nothing else.
  ///
  /// @return jobs to be placed again, because they or their group are not paused any more
  public List<JobId> control(Controls now) {
    pauses.adopt(now).forEach(pools::unpark);
    return pauses.takeResumed(this::job);
  }

  /// Whether somebody holds a job back, so that it must not be released.
  public boolean paused(Job job) {
    return pauses.hold(job);
  }

  /// Jobs that left their line because they or their group are paused, count.
  public int asideCount() {
    return pauses.aside();
  }

  /// Jobs of a group that have not ended.
  public List<JobId> group(Control.Group group) {
    return groups.of(group);
  }

  /// Puts a waiting job whose time has come into the line of the pool it goes to, and says where
  /// that is. Empty when there is nothing to place: not waiting, or waiting for its retry time. A
  /// job that no pool can take stays unplaced until the next round.
  public Optional<RouteDecision> place(JobId id, RouteMoment moment) {
    LiveJob known = live.get(id);
    if (known == null || !known.waitsAt(moment.now())) {
      return Optional.empty();
    }
    round.placed(known);
    Job job = known.job();
    if (job.leader().isPresent()) {
      unplaced.remove(id);
      return Optional.empty();
    }
    RouteDecision decision = Detour.route(job, moment);
    if (decision instanceof RouteDecision.Routed(Placement placement)) {
      unplaced.remove(id);
      pauses.back(id);
      pools.enqueue(known, placement, gate.lane(job));
    } else {
      known.leaveLine();
      unplaced.add(id);
    }
    return Optional.of(decision);
  }

  /// Whether a job stands in the line of a pool.
  public boolean queued(JobId id) {
    LiveJob known = live.get(id);
    return known != null && known.queued();
  }

  /// Waiting jobs that no pool could take when they were last placed, count.
  public int unplacedCount() {
    return unplaced.size();
  }

  /// From here on jobs go by other rules: every waiting one is to be placed anew, with
  /// [#nextToPlace] or when its turn comes. Until then it stands where it stood, and a pool that is
  /// not usable is given nothing.
  public void placeAnew(Predicate<String> usablePools) {
    usable = usablePools;
    round.begin(live.stream().filter(LiveJob::waits));
  }

  /// A job that is still to be placed anew; empty when there is none.
  public Optional<JobId> nextToPlace() {
    return Optional.ofNullable(round.next()).map(LiveJob::id);
  }

  /// Whether a job of this class could be released to a pool at once, ahead of nobody.
  public boolean openFor(String pool, Priority priority, Policy policy) {
    return !pauses.holdPool(pool) && pools.openFor(pool, priority, policy);
  }

  /// Whether others before the same limits wait already before a pool.
  public boolean parked(Job job, String pool) {
    return pools.parked(pool, job, gate.lane(job));
  }

  /// One release that may happen now.
  ///
  /// @param placedAnew false when the job must be placed instead: other rules hold since it was
  public record Pick(Job job, Placement placement, boolean placedAnew) {}

  /// The next release that credits and limits allow, if any. The caller applies it before it asks
  /// again.
  public Optional<Pick> nextRelease(Policy policy, Instant now) {
    return nextRelease(policy, now, _ -> false);
  }

  /// @param rests whether a pool is given nothing this time
  public Optional<Pick> nextRelease(Policy policy, Instant now, Predicate<String> rests) {
    return pools
        .next(
            policy,
            pool -> pauses.holdPool(pool) || !usable.test(pool) || rests.test(pool),
            known -> turn(known, now),
            copy -> pauses.stepsAside(copy.job()))
        .map(known -> new Pick(known.job(), known.placement(), !round.missed(known)));
  }

  private Turn turn(LiveJob known, Instant now) {
    Job job = known.job();
    if (pauses.stepsAside(job)) {
      return Turn.STEPS_ASIDE;
    }
    if (round.missed(known)) {
      return Turn.MOVES;
    }
    return pauses.holdTenantOf(job) || !gate.admits(job, now) ? Turn.PARKS : Turn.GOES;
  }

  /// Whether a job's copies can be made: not while too many wait.
  public boolean takesCopies() {
    return !pools.shadows().full();
  }

  /// Whether there are copies.
  public boolean hasCopies() {
    return pools.shadows().any();
  }

  /// What the timers bring by now; each due timer is consumed.
  public List<Due> due(Instant now, Policy policy, int limit) {
    return due.due(now, limit, pool -> pools.hasFreeSlot(pool, policy));
  }

  /// Jobs that are done, of which no call runs or can begin, and that are not yet forgotten. A copy
  /// is none as long as its primary's record does not say that it was made: it would be made again.
  public List<JobId> doneJobs() {
    return hasCopies()
        ? done.stream().filter(id -> !mayBeMadeAgain(id)).toList()
        : List.copyOf(done);
  }

  private boolean mayBeMadeAgain(JobId id) {
    return job(id).flatMap(Job::copyOf).flatMap(this::job).filter(Job::copiesDue).isPresent();
  }

  /// Every tenant's line before every pool, as it stands; costs a look at some thousand jobs of
  /// each.
  public List<WaitingLine> lines(Instant now) {
    return pools.lines(first -> holdOf(live.get(first), now)).stream()
        .map(this::withPoolsHold)
        .toList();
  }

  private Optional<Phase.Hold> holdOf(@Nullable LiveJob first, Instant now) {
    if (first == null) {
      return Optional.empty();
    }
    Job job = first.job();
    return controls()
        .ofTenant(job.tenant())
        .map(Phase.Hold::control)
        .or(() -> gate.heldBack(job, now).map(Phase.Hold::limit));
  }

  private WaitingLine withPoolsHold(WaitingLine line) {
    return controls()
        .ofPool(line.name().pool())
        .map(control -> line.heldBy(Phase.Hold.control(control)))
        .orElse(line);
  }
}
