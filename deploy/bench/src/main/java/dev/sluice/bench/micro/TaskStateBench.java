package dev.sluice.bench.micro;

import dev.sluice.contract.model.Policy;
import dev.sluice.contract.price.PriceBook;
import dev.sluice.router.core.AdmissionPolicy;
import dev.sluice.router.core.AdmissionPolicy.AdmissionDecision;
import dev.sluice.router.core.Detour;
import dev.sluice.router.core.Job;
import dev.sluice.router.core.JobCommand;
import dev.sluice.router.core.JobDecision;
import dev.sluice.router.core.JobMachine;
import dev.sluice.router.core.Placement;
import dev.sluice.router.core.RetryBudgets;
import dev.sluice.router.core.RouteMoment;
import dev.sluice.router.core.RoutePlans;
import dev.sluice.router.core.RoutePolicy.RouteDecision;
import dev.sluice.router.core.RouteScores;
import dev.sluice.router.core.TaskState;
import dev.sluice.router.core.limits.Limits;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/// All that one job has the core decide, in the order of the router's desk, with others waiting
/// before a full pool: one job is admitted and gets its place, one that was released is claimed and
/// ends, the next in turn takes its slot, and what ended is counted and forgotten. What is in the
/// log or goes to it is no part of it.
@State(Scope.Thread)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class TaskStateBench {
  /// As if 4,000 jobs came a second.
  private static final Duration PACE = Duration.ofNanos(250_000);

  /// Jobs that end between two commits, at that pace.
  private static final int COMMIT = 2_000;

  @Param({"1", "10000"})
  public int tenants;

  @Param({"1000", "100000"})
  public int queued;

  @Param({"false", "true"})
  public boolean limited;

  private final RouteScores scores = new RouteScores();
  private final Queue<Job> released = new ArrayDeque<>();
  private final List<Job> ended = new ArrayList<>();
  private List<Record> kept = List.of();
  private TaskState state = new TaskState();
  private Policy policy = Policy.EMPTY;
  private RoutePlans plans = RoutePlans.of(policy);
  private PriceBook prices = PriceBook.of(policy);
  private Instant now = MicroJobs.NOW;
  private int number;

  @Setup(Level.Trial)
  public void fill() {
    policy = MicroTenants.policy(tenants, limited);
    plans = RoutePlans.of(policy);
    prices = PriceBook.of(policy);
    state = new TaskState();
    state.adopt(policy, prices, now);
    released.clear();
    while (number - released.size() < queued) {
      admit();
    }
  }

  @Benchmark
  public Job decision() {
    now = now.plus(PACE);
    admit();
    Job running = write(decided(released.remove(), MicroJobs.claim()));
    release();
    Job done = write(counted(decided(running, MicroJobs.success(number, now))));
    release();
    ended.add(done);
    if (ended.size() == COMMIT) {
      retire();
    }
    return done;
  }

  /// What the log gets to keep, so that it is made.
  List<Record> kept() {
    return kept;
  }

  private void admit() {
    Job asked = MicroJobs.waiting(number, MicroTenants.name(number % tenants), now);
    number++;
    if (!(AdmissionPolicy.decide(asked, state.gate().limits(), now)
            instanceof AdmissionDecision.Admitted(Job job))
        || !(Detour.decide(job, routing()) instanceof RouteDecision.Routed(Placement placement))
        || state.gate().heldBack(job, now).isPresent()) {
      throw new IllegalStateException("not free to run: " + asked);
    }
    if (!state.paused(job)
        && !state.parked(job, placement.pool())
        && state.openFor(placement.pool(), job.priority(), policy)) {
      released.add(write(decided(job, new JobCommand.Release(placement))));
    } else {
      place(write(job));
    }
  }

  private void place(Job job) {
    Optional<RouteDecision> placed = state.place(job.id(), routing());
    JobDecision held = JobMachine.decide(job, new JobCommand.Hold(Optional.empty()), moment());
    if (placed.isEmpty() || !(held instanceof JobDecision.Ignores)) {
      throw new IllegalStateException("does not just wait: " + job);
    }
  }

  private void release() {
    Optional<TaskState.Pick> pick = state.nextRelease(policy, now);
    while (pick.isPresent()) {
      JobCommand release = new JobCommand.Release(pick.get().placement());
      released.add(write(decided(pick.get().job(), release)));
      pick = state.nextRelease(policy, now);
    }
    if (!state.gate().takeBlocked().isEmpty()) {
      throw new IllegalStateException("a limit holds somebody back");
    }
  }

  private Job write(Job after) {
    state.apply(after);
    return after;
  }

  private Job counted(Job done) {
    return state.gate().limits(done) ? done.counted(state.gate().limits().nextSequence()) : done;
  }

  /// As after a commit: what answers used is kept, tenant by tenant, before they are forgotten.
  private void retire() {
    ended.forEach(job -> state.forget(job.id()));
    kept =
        ended.stream()
            .filter(job -> job.progress().spent().orElseThrow().sequence() > 0)
            .map(Job::tenant)
            .distinct()
            .flatMap(this::kept)
            .toList();
    ended.clear();
  }

  private Stream<Record> kept(String tenant) {
    Limits limits = state.gate().limits();
    return Stream.concat(
        limits.takeUnlogged(tenant, now).stream(), limits.image(tenant, now).stream());
  }

  private Job decided(Job job, JobCommand command) {
    return MicroJobs.after(job, command, moment());
  }

  private JobMachine.Moment moment() {
    return new JobMachine.Moment(routing(), 0.5, RetryBudgets.View.UNBOUNDED);
  }

  private RouteMoment routing() {
    return new RouteMoment(plans, prices, _ -> true, scores, now, number);
  }
}
