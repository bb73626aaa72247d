package dev.sluice.router.core;

import dev.sluice.contract.model.Control;
import dev.sluice.contract.model.Controls;
import dev.sluice.contract.model.JobId;
import dev.sluice.contract.model.Policy;
import dev.sluice.contract.model.Priority;
import dev.sluice.contract.price.PriceBook;
import dev.sluice.router.core.RoutePolicy.RouteDecision;
import dev.sluice.router.core.grants.Allowance;
import dev.sluice.router.core.grants.PoolDemand;
import dev.sluice.router.core.grants.TaskDemand;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToIntFunction;

/// All live jobs of one task, and everything derived from them: backlog, credits, timers, who runs
/// what. `apply` is the only way in, live and at restore alike, so a restored state equals the one
/// that was lost. Owned by one thread.
public final class TaskState {

  /// A release unclaimed for so long while its pool has free slots is sent again.
  static final Duration UNCLAIMED = Duration.ofSeconds(30);

  private static final class Entry extends JobTimers.Timer {
    Job job;

    /// Pool whose queue holds it; empty text when none does.
    String queuedFor = "";

    Placement placement = NOWHERE;

    Entry(Job job) {
      this.job = job;
    }

    @Override
    JobId id() {
      return job.id();
    }
  }

  /// One release that may happen now.
  public record Pick(Job job, Placement placement) {}

  private static final Placement NOWHERE = new Placement("", "", 0, "");

  private final Map<JobId, Entry> entries = new HashMap<>();
  private final Map<String, PoolDesk> desks = new HashMap<>();
  private final Map<String, Placement> lastPlaced = new HashMap<>();
  private final WorkerCalls calls = new WorkerCalls();
  private final JobTimers timers = new JobTimers();
  private final Set<JobId> unplaced = new LinkedHashSet<>();
  private final Set<JobId> done = new LinkedHashSet<>();
  private final LimitGate gate = new LimitGate();
  private final ShadowLines shadows = new ShadowLines();

  /// Jobs that came to the head of their line while they or their group were paused, and left it.
  private final Set<JobId> aside = new LinkedHashSet<>();

  private Controls controls = Controls.NONE;

  /// Jobs that name a group and have not ended.
  private final Map<Control.Group, Set<JobId>> groups = new HashMap<>();

  private ToIntFunction<String> paced = _ -> Integer.MAX_VALUE;

  /// From now on a pool has no more slots than this says, whatever the policy allows.
  public void pacedBy(ToIntFunction<String> slots) {
    paced = slots;
  }

  /// What is held back.
  public Controls controls() {
    return controls;
  }

  /// From now on this is held back, and nothing else. A pause costs nothing until what it holds
  /// comes to the head of its line.
  ///
  /// @return jobs to be placed again, because they or their group are not paused any more
  public List<JobId> control(Controls now) {
    Controls before = controls;
    controls = now;
    for (Control control : before.all()) {
      if (control.target() instanceof Control.Tenant(String tenant)
          && now.ofTenant(tenant).isEmpty()) {
        unpark(tenant);
      }
    }
    List<JobId> resumed = new ArrayList<>();
    for (JobId id : aside) {
      Entry entry = entries.get(id);
      if (entry != null && pauseOf(entry.job).isEmpty()) {
        resumed.add(id);
      }
    }
    resumed.forEach(aside::remove);
    return resumed;
  }

  /// The pause of a job alone or of its group.
  private Optional<Control> pauseOf(Job job) {
    return controls.ofJob(job.tenant(), job.group(), job.id());
  }

  /// Whether somebody holds a job back, so that it must not be released.
  public boolean paused(Job job) {
    return controls.ofTenant(job.tenant()).isPresent() || pauseOf(job).isPresent();
  }

  public Optional<Job> job(JobId id) {
    Entry entry = entries.get(id);
    return entry == null ? Optional.empty() : Optional.of(entry.job);
  }

  public int size() {
    return entries.size();
  }

  public Collection<Job> jobs() {
    return entries.values().stream().map(entry -> entry.job).toList();
  }

  /// What limits let through, and what they count.
  public LimitGate gate() {
    return gate;
  }

  /// From here on other limits and prices hold.
  public void adopt(Policy policy, PriceBook prices, Instant now) {
    gate.limits().adopt(policy, prices, now);
    entries.values().forEach(entry -> gate.count(entry.job));
  }

  /// Takes a job's after-image in place of what was known of it. One that goes on waiting for the
  /// same, and as urgently, keeps its place.
  public void apply(Job after) {
    Entry entry = entries.get(after.id());
    if (entry == null) {
      entry = new Entry(after);
      entries.put(after.id(), entry);
      shadows.live(after.isCopy() ? 1 : 0);
    } else {
      leave(entry.job);
      if (!waitsOn(entry.job, after)) {
        leaveQueue(entry);
      }
      entry.job = after;
    }
    enter(entry);
    rearm(entry);
    joinGroup(after);
    if (gate.count(after)) {
      unpark(after.tenant());
    }
  }

  private void joinGroup(Job job) {
    if (job.group().isEmpty()) {
      return;
    }
    if (job.done()) {
      leaveGroup(job);
    } else {
      groups.computeIfAbsent(groupOf(job), _ -> new LinkedHashSet<>()).add(job.id());
    }
  }

  private void leaveGroup(Job job) {
    if (job.group().isPresent()) {
      groups.computeIfPresent(
          groupOf(job),
          (_, ids) -> {
            ids.remove(job.id());
            return ids.isEmpty() ? null : ids;
          });
    }
  }

  private static Control.Group groupOf(Job job) {
    return new Control.Group(job.tenant(), job.group().orElseThrow());
  }

  /// Jobs of a group that have not ended.
  public List<JobId> group(Control.Group group) {
    return List.copyOf(groups.getOrDefault(group, Set.of()));
  }

  private static boolean waitsOn(Job before, Job after) {
    return before.phase() instanceof Phase.Waiting was
        && after.phase() instanceof Phase.Waiting is
        && was.notBefore().equals(is.notBefore())
        && was.next().equals(is.next())
        && before.priority() == after.priority()
        && before.deadline().equals(after.deadline());
  }

  private void unpark(String tenant) {
    desks.values().forEach(desk -> desk.unpark(tenant));
  }

  /// Lets tenants try again whose limits time alone has freed.
  public void wake(Instant now) {
    gate.due(now).forEach(this::unpark);
  }

  /// Whether a job stands in the queue of a pool.
  public boolean queued(JobId id) {
    Entry entry = entries.get(id);
    return entry != null && !entry.queuedFor.isEmpty();
  }

  /// Forgets a job whose outputs are surely delivered.
  public void forget(JobId id) {
    Entry entry = entries.remove(id);
    if (entry != null) {
      leave(entry.job);
      leaveQueue(entry);
      leaveGroup(entry.job);
      timers.disarm(entry);
      gate.forget(entry.job);
      shadows.live(entry.job.isCopy() ? -1 : 0);
    }
  }

  private void leaveQueue(Entry entry) {
    if (!entry.queuedFor.isEmpty()) {
      if (entry.job.isCopy()) {
        shadows.left(entry.queuedFor);
      } else {
        desk(entry.queuedFor).left(entry.job.priority());
      }
      entry.queuedFor = "";
    }
  }

  private void leave(Job before) {
    before.openClaim().ifPresent(claim -> stopped(before, claim));
    before.openRelease().ifPresent(out -> gaveBack(before, out.placement().pool()));
    switch (before.phase()) {
      case Phase.Waiting _ -> {
        unplaced.remove(before.id());
        aside.remove(before.id());
      }
      case Phase.Released _, Phase.Running _ -> {}
      case Phase.Done _ -> done.remove(before.id());
    }
  }

  private void stopped(Job job, Phase.Running claim) {
    gaveBack(job, claim.placement().pool());
    desk(claim.placement().pool()).stopped();
    calls.stopped(claim.worker(), job.id());
  }

  private void gaveBack(Job job, String pool) {
    desk(pool).gaveBack(job);
    if (job.isCopy()) {
      shadows.out(pool, -1);
    }
  }

  private void took(Job job, String pool) {
    desk(pool).took(job);
    if (job.isCopy()) {
      shadows.out(pool, 1);
    }
  }

  private void enter(Entry entry) {
    Job job = entry.job;
    job.openClaim().ifPresent(claim -> started(job, claim));
    job.openRelease().ifPresent(out -> took(job, out.placement().pool()));
    if (job.done() && job.openClaim().isEmpty() && job.openRelease().isEmpty()) {
      done.add(job.id());
    }
  }

  private void started(Job job, Phase.Running claim) {
    took(job, claim.placement().pool());
    desk(claim.placement().pool()).started();
    calls.started(claim.worker(), job.id());
  }

  private void rearm(Entry entry) {
    Job job = entry.job;
    Instant due =
        switch (job.phase()) {
          case Phase.Waiting waiting ->
              waiting.notBefore().equals(Instant.EPOCH)
                  ? job.deadline()
                  : earlier(job.deadline(), waiting.notBefore());
          case Phase.Released released -> earlier(job.deadline(), released.at().plus(UNCLAIMED));
          case Phase.Running _ -> job.deadline();
          case Phase.Done _ ->
              job.openRelease().map(out -> out.at().plus(UNCLAIMED)).orElse(Instant.MAX);
        };
    arm(entry, due);
  }

  private void arm(Entry entry, Instant due) {
    timers.arm(entry, due);
  }

  private static Instant earlier(Instant a, Instant b) {
    return a.isBefore(b) ? a : b;
  }

  /// Puts a waiting job whose time has come into the queue of the pool it goes to, and says where
  /// that is. Empty when there is nothing to place: not waiting, or waiting for its retry time. A
  /// job that no pool can take stays unplaced until [#unplaced] is asked again.
  public Optional<RouteDecision> place(JobId id, RouteMoment moment) {
    Entry entry = entries.get(id);
    if (entry == null
        || !(entry.job.phase() instanceof Phase.Waiting waiting)
        || waiting.notBefore().isAfter(moment.now())) {
      return Optional.empty();
    }
    if (entry.job.leader().isPresent()) {
      unplaced.remove(id);
      return Optional.empty();
    }
    RouteDecision decision = route(entry.job, waiting, moment);
    if (decision instanceof RouteDecision.Routed(Placement placement)) {
      unplaced.remove(id);
      aside.remove(id);
      leaveQueue(entry);
      entry.queuedFor = placement.pool();
      if (entry.job.isCopy()) {
        entry.placement = placement;
        shadows.enqueue(placement.pool(), id);
      } else {
        entry.placement = shared(placement);
        desk(placement.pool()).enqueue(entry.job, gate.lane(entry.job));
      }
    } else {
      unplaced.add(id);
    }
    return Optional.of(decision);
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

  private static RouteDecision route(Job job, Phase.Waiting waiting, RouteMoment moment) {
    if (job.isCopy()) {
      return ShadowRule.place(job, waiting.next().orElse(NOWHERE), moment);
    }
    return waiting
        .next()
        .filter(next -> RoutePolicy.stands(job, next, moment))
        .<RouteDecision>map(RouteDecision.Routed::new)
        .orElseGet(() -> Detour.decide(job, moment));
  }

  /// Waiting jobs that no pool could take when they were last placed.
  public List<JobId> unplaced() {
    return List.copyOf(unplaced);
  }

  /// Takes all waiting jobs out of their queues, to be placed again under another policy.
  public void unplaceAll() {
    for (PoolDesk desk : desks.values()) {
      desk.clearQueues();
    }
    aside.clear();
    shadows.clear();
    entries.values().stream()
        .filter(entry -> entry.job.phase() instanceof Phase.Waiting)
        .sorted(Comparator.comparing(entry -> entry.job.id()))
        .forEach(entry -> {
          leaveQueue(entry);
          unplaced.add(entry.job.id());
        });
  }

  /// Whether a job of this class could be released to a pool at once, ahead of nobody.
  public boolean openFor(String pool, Priority priority, Policy policy) {
    return controls.ofPool(pool).isEmpty() && desk(pool).openFor(priority, slots(pool, policy));
  }

  /// Whether others before the same limits wait already before a pool.
  public boolean parked(Job job, String pool) {
    return desk(pool).parked(job.priority(), job.tenant(), gate.lane(job));
  }

  /// The next release that credits and limits allow, if any. The caller applies it before it asks
  /// again.
  public Optional<Pick> nextRelease(Policy policy, Instant now) {
    for (Map.Entry<String, PoolDesk> desk : desks.entrySet()) {
      String pool = desk.getKey();
      if (controls.ofPool(pool).isPresent()) {
        continue;
      }
      Optional<JobId> id =
          desk.getValue()
              .next(
                  slots(pool, policy),
                  waiting -> waitsFor(pool, waiting),
                  waiting -> admits(waiting, now),
                  (tenant, priority) -> share(policy, tenant, priority));
      if (id.isPresent()) {
        Entry entry = entries.get(id.get());
        if (entry != null) {
          return Optional.of(new Pick(entry.job, entry.placement));
        }
      }
    }
    return shadows
        .next(this::waitsFor, pool -> granted(pool, policy), this::released)
        .map(entries::get)
        .map(entry -> new Pick(entry.job, entry.placement));
  }

  /// Whether a job's copies can be made: not while too many wait.
  public boolean takesCopies() {
    return !shadows.full();
  }

  /// Whether there are copies.
  public boolean hasCopies() {
    return shadows.any();
  }

  private static int share(Policy policy, String tenant, Priority priority) {
    return policy.tenant(tenant).map(known -> known.shares().getOrDefault(priority, 1)).orElse(1);
  }

  /// What the jobs here could use of the pools; costs a look at each tenant.
  public TaskDemand demand(Policy policy) {
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
  boolean wantsOther(TaskDemand told, int tasks, Policy policy) {
    for (Map.Entry<String, PoolDesk> desk : desks.entrySet()) {
      int slots = slots(desk.getKey(), policy);
      if (desk.getValue().differs(slots, told.of(desk.getKey()), tasks)) {
        return true;
      }
    }
    return false;
  }

  /// Whether what may be taken of some pool was counted by other slots than it has.
  boolean grantsAreOld(Policy policy) {
    for (Map.Entry<String, PoolDesk> desk : desks.entrySet()) {
      if (desk.getValue().allowance().slots() != slots(desk.getKey(), policy)) {
        return true;
      }
    }
    return false;
  }

  /// What may be taken of a pool that has so many slots.
  interface Grant {
    Allowance of(String pool, int slots);
  }

  /// From here on so much of each pool may be released.
  void grant(Policy policy, Grant grant) {
    desks.forEach((pool, desk) -> desk.grant(grant.of(pool, slots(pool, policy))));
  }

  private boolean admits(JobId id, Instant now) {
    Entry entry = entries.get(id);
    return entry == null
        || (controls.ofTenant(entry.job.tenant()).isEmpty() && gate.admits(entry.job, now));
  }

  private boolean waitsFor(String pool, JobId id) {
    Entry entry = entries.get(id);
    return entry != null
        && entry.job.phase() instanceof Phase.Waiting
        && entry.queuedFor.equals(pool)
        && !stepsAside(entry);
  }

  /// A paused job keeps nobody behind it: it leaves its line when its turn comes.
  private boolean stepsAside(Entry entry) {
    if (controls.isEmpty() || pauseOf(entry.job).isEmpty()) {
      return false;
    }
    leaveQueue(entry);
    aside.add(entry.job.id());
    return true;
  }

  /// What the timers bring by now; each due timer is consumed.
  public List<Due> due(Instant now, Policy policy, int limit) {
    List<Due> fired = new ArrayList<>();
    Optional<JobId> due = timers.next(now);
    while (due.isPresent()) {
      Entry entry = entries.get(due.get());
      if (entry != null) {
        fire(entry, now, policy).ifPresent(fired::add);
      }
      due = fired.size() < limit ? timers.next(now) : Optional.empty();
    }
    return fired;
  }

  private Optional<Due> fire(Entry entry, Instant now, Policy policy) {
    Job job = entry.job;
    if (!job.done() && !job.deadline().isAfter(now)) {
      return Optional.of(new Due.Commanded(job.id(), new JobCommand.Expire()));
    }
    return switch (job.phase()) {
      case Phase.Waiting _ -> {
        arm(entry, job.deadline());
        yield Optional.of(new Due.Placeable(job.id()));
      }
      case Phase.Released out -> overdue(entry, out, job.deadline(), now, policy);
      case Phase.Running _ -> {
        arm(entry, job.deadline());
        yield Optional.empty();
      }
      case Phase.Done _ ->
          job.openRelease().flatMap(out -> overdue(entry, out, Instant.MAX, now, policy));
    };
  }

  /// A release that nobody has claimed for long: lost if its pool could have taken it.
  private Optional<Due> overdue(
      Entry entry, Phase.Released out, Instant deadline, Instant now, Policy policy) {
    if (desk(out).hasFreeSlot(slots(out.placement().pool(), policy))) {
      return Optional.of(new Due.Commanded(entry.job.id(), new JobCommand.ReleaseAgain()));
    }
    arm(entry, earlier(deadline, now.plus(UNCLAIMED)));
    return Optional.empty();
  }

  /// What time itself brings.
  public sealed interface Due {
    /// A command to a job.
    record Commanded(JobId id, JobCommand command) implements Due {}

    /// A retry whose time has come: place it.
    record Placeable(JobId id) implements Due {}
  }

  /// Who may be running what.
  public WorkerCalls calls() {
    return calls;
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

  /// Jobs waiting in queues for a pool and class, count.
  public int waiting(String pool, Priority priority) {
    return desk(pool).waiting(priority);
  }

  /// Every tenant's line before every pool, as it stands; costs a look at each waiting job.
  public List<WaitingLine> lines(Instant now) {
    return desks.entrySet().stream()
        .flatMap(desk -> desk.getValue().lines(desk.getKey(), first -> holdOf(first, now)).stream())
        .map(this::withPoolsHold)
        .toList();
  }

  private Optional<Phase.Hold> holdOf(JobId first, Instant now) {
    Entry entry = entries.get(first);
    if (entry == null) {
      return Optional.empty();
    }
    return controls
        .ofTenant(entry.job.tenant())
        .map(Phase.Hold::control)
        .or(() -> gate.heldBack(entry.job, now).map(Phase.Hold::limit));
  }

  private WaitingLine withPoolsHold(WaitingLine line) {
    return controls
        .ofPool(line.name().pool())
        .map(control -> line.heldBy(Phase.Hold.control(control)))
        .orElse(line);
  }

  /// What waits for one pool in one class.
  ///
  /// @param oldest when the first of those was created that stand first in their tenants' lines
  public record Waiting(String pool, Priority priority, int jobs, Optional<Instant> oldest) {}

  /// What waits in queues; costs a look at each tenant's line, not at each job.
  public List<Waiting> backlog() {
    List<Waiting> backlog = new ArrayList<>();
    desks.forEach((pool, desk) -> {
      for (Priority priority : Priority.values()) {
        int jobs = desk.waiting(priority);
        if (jobs > 0) {
          Optional<JobId> oldest = desk.oldest(priority, id -> waitsFor(pool, id));
          backlog.add(new Waiting(pool, priority, jobs, oldest.map(JobId::createdAt)));
        }
      }
    });
    return backlog;
  }

  /// Waiting jobs that no pool could take when they were last placed, count.
  public int unplacedCount() {
    return unplaced.size();
  }

  /// Jobs that left their line because they or their group are paused, count.
  public int asideCount() {
    return aside.size();
  }

  /// Releases a pool holds, count.
  public int released(String pool) {
    return desk(pool).releasedTotal();
  }

  /// Slots of a pool that this task may fill with copies.
  private int granted(String pool, Policy policy) {
    return controls.ofPool(pool).isPresent()
        ? 0
        : Math.min(slots(pool, policy), desk(pool).allowance().credits());
  }

  private int slots(String pool, Policy policy) {
    int stated = policy.pool(pool).map(Policy.Pool::concurrency).orElse(0);
    return Math.min(stated, paced.applyAsInt(pool));
  }

  private PoolDesk desk(Phase.Released release) {
    return desk(release.placement().pool());
  }

  private PoolDesk desk(String pool) {
    return desks.computeIfAbsent(pool, _ -> new PoolDesk());
  }
}
