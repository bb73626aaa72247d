package dev.sluice.router.topology;

import dev.sluice.contract.model.Controls;
import dev.sluice.contract.model.JobId;
import dev.sluice.router.core.Attempt;
import dev.sluice.router.core.CacheUse;
import dev.sluice.router.core.Job;
import dev.sluice.router.core.JobCommand;
import dev.sluice.router.core.JobDecision;
import dev.sluice.router.core.JobMachine;
import dev.sluice.router.core.LimitGate;
import dev.sluice.router.core.Notice;
import dev.sluice.router.core.Phase;
import dev.sluice.router.core.Placement;
import dev.sluice.router.core.RetryBudgets;
import dev.sluice.router.core.RetryPolicy;
import dev.sluice.router.core.RoutePolicy.RouteDecision;
import dev.sluice.router.core.ShadowRule;
import dev.sluice.router.core.TaskState;
import dev.sluice.router.core.limits.Limits;
import dev.sluice.router.topology.Outbox.InHand;
import dev.sluice.runtime.telemetry.LogKeys;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// How a job changes: first the log, then the state, then the notices, and by the rules of the
/// moment. Owned by the stream thread.
final class JobChanges {
  private static final Logger LOG = LoggerFactory.getLogger(JobChanges.class);

  /// How long one tick may place jobs anew: inputs wait for no more than this.
  private static final long PLACING_NANOS = Duration.ofMillis(5).toNanos();

  /// Jobs that are placed before the clock is looked at, count.
  private static final int PLACED_TOGETHER = 100;

  /// Jobs of a pool that are placed in one go of releases, because their turn came before they
  /// were, count; then the pool rests until the next.
  private static final int PLACED_BY_TURN = 100;

  /// Records that one tick may write for jobs placed anew: those of inputs stand in line behind
  /// them.
  private static final int RECORDS_OF_PLACING = 200;

  private final TaskLog log;
  private final TaskState state;
  private final Memory memory;
  private final NoticeSender notices;
  private final RouterMeters meters;
  private final SplittableRandom random;
  private final RetryBudgets budgets = new RetryBudgets();
  private final RouteDesk routes;
  private TaskView.Rules rules;

  /// Jobs of each pool that were placed in this go of releases because their turn came, count.
  private final Map<String, Integer> placedByTurn = new HashMap<>();

  /// Records of jobs written so far, count.
  private long written;

  /// Version of the policy by which limits are counted.
  private long counted = -1;

  JobChanges(
      TaskLog log,
      TaskState state,
      Memory memory,
      NoticeSender notices,
      RouterMeters meters,
      SplittableRandom random,
      TaskView.Rules rules) {
    this.log = log;
    this.state = state;
    this.memory = memory;
    this.notices = notices;
    this.meters = meters;
    this.random = random;
    this.routes = new RouteDesk(random);
    this.rules = rules;
  }

  /// What is known of jobs beyond their own time.
  record Memory(RepeatDesk repeats, AnswerDesk answers) {
    private void apply(Optional<Job> before, Job after) {
      repeats.apply(before, after);
      answers.apply(after);
    }

    private void retire(Job ended) {
      answers.retire(ended);
      repeats.retire(ended);
    }
  }

  TaskView.Rules rules() {
    return rules;
  }

  RouteDesk routes() {
    return routes;
  }

  /// From here on other rules hold.
  void adopt(TaskView.Rules current, Instant now) {
    if (counted >= 0) {
      state.part().resharded(rules.policy(), current.policy()).forEach(JobChanges::warn);
    }
    rules = current;
    if (current.policy().version() != counted) {
      // Limits and prices are the policy's; pools come and go more often.
      counted = current.policy().version();
      state.adopt(current.policy(), current.prices(), now);
    }
    state.placeAnew(current.usablePools()::contains);
    placeSome(now);
  }

  private static void warn(String tenant) {
    LOG.atWarn()
        .addKeyValue(LogKeys.TENANT_ID, tenant)
        .log("shards of a tenant changed: in windows and periods that have begun it may use more");
  }

  /// From here on something else is held back.
  void control(Controls controls, Instant now) {
    for (JobId id : state.control(controls)) {
      place(id, now);
    }
  }

  /// Does what was decided.
  void follow(JobId id, String tenant, JobDecision decision, InHand inHand, Instant now) {
    switch (decision) {
      case JobDecision.Moves moves -> write(moves.after(), moves.notices(), inHand, now);
      case JobDecision.Answers answers ->
          answers
              .notices()
              .forEach(notice -> notices.answer(id.text(), tenant, notice, inHand, rules.prices()));
      case JobDecision.Ignores _ -> meters.ignored();
    }
  }

  /// The one way a job changes: log, state, notices.
  void write(Job decided, List<Notice> said, InHand inHand, Instant now) {
    Optional<Job> before = state.job(decided.id());
    Job after = withRoom(withPlace(decided));
    log.write(after);
    written++;
    state.apply(after);
    memory.apply(before, after);
    meters.transition();
    account(before, after, now);
    for (Notice notice : said) {
      notices.send(after, notice, inHand, rules.prices(), now);
    }
    castDue(after, now);
    if (after.done() && !before.map(Job::done).orElse(false)) {
      meters.ended();
      land(after.id(), now);
    } else if (after.phase() instanceof Phase.Waiting) {
      if (after.nextAttempt() > before.map(Job::nextAttempt).orElse(1)) {
        meters.retried();
      }
      if (!state.queued(after.id())) {
        place(after.id(), now);
      }
    }
  }

  /// An answer that has just been delivered gets its place among those that limits count.
  private Job withPlace(Job decided) {
    boolean counts =
        decided.progress().spent().isPresent()
            && decided.progress().spent().get().sequence() == 0
            && state.gate().limits(decided);
    return counts ? decided.counted(state.gate().limits().nextSequence()) : decided;
  }

  /// A job of which copies are to be made, if there is room for them.
  private Job withRoom(Job decided) {
    if (!decided.copiesDue() || state.takesCopies()) {
      return decided;
    }
    meters.copiesSkipped();
    return decided.unshadowed();
  }

  /// Admits those copies of a job that may be missing in the log: after all that its own record
  /// caused, so that nobody waits for them.
  void castDue(Job primary, Instant now) {
    for (Job copy : ShadowRule.due(primary)) {
      if (state.job(copy.id()).isEmpty()) {
        meters.admitted();
        meters.copied();
        write(copy, List.of(new Notice.Admitted()), InHand.NOTHING, now);
      }
    }
  }

  /// Ends the copies of a job that a command has ended, or erases them with it.
  void endCopies(JobId primary, JobCommand asked, Instant now) {
    if (state.hasCopies()) {
      ShadowRule.ending(asked, state.job(primary))
          .ifPresent(
              command -> ShadowRule.ids(primary).forEach(copy -> decideNow(copy, command, now)));
    }
  }

  /// A job has ended: those that waited for its answer get it, or one of them makes the call and
  /// the others wait for that.
  void land(JobId leader, Instant now) {
    Optional<JobId> next = Optional.empty();
    for (JobId id : memory.answers().followers(leader)) {
      Job job = state.job(id).orElseThrow();
      Optional<CacheUse.Hit> hit = memory.answers().awaited(job, leader, rules.policy(), now);
      if (hit.isPresent()) {
        meters.answered();
        InHand asked = memory.answers().asked(job);
        JobCommand answer = new JobCommand.Answer(hit.get());
        follow(id, job.tenant(), JobMachine.decide(job, answer, moment(now)), asked, now);
      } else {
        decideNow(id, new JobCommand.Follow(next), now);
        next = next.or(() -> Optional.of(id));
      }
    }
  }

  private void account(Optional<Job> before, Job after, Instant now) {
    if (after.isCopy()) {
      return;
    }
    if (after.phase() instanceof Phase.Released out && out.attempt() == 1 && out.release() == 1) {
      budgets.first(after.tenant(), out.placement().pool(), now);
    } else if (after.phase() instanceof Phase.Waiting waiting
        && before.map(Job::nextAttempt).orElse(1) < after.nextAttempt()) {
      Attempt tried = after.progress().attempts().getLast();
      waiting
          .next()
          .filter(next -> next.pool().equals(tried.pool()) && tried.surelyCalled())
          .ifPresent(next -> {
            budgets.retry(after.tenant(), next.pool(), now);
            if (next.reason().equals(RetryPolicy.OUT_OF_BUDGET)) {
              meters.retryDelayed();
            }
          });
    }
  }

  /// Writes anew what the state says under a key of the log.
  void rewrite(String key, Instant now) {
    Optional<JobId> job = JobId.parse(key);
    if (job.isPresent()) {
      JobId id = job.get();
      state.job(id).ifPresentOrElse(log::write, () -> memory.repeats().rewrite(id));
    } else {
      Limits limits = state.gate().limits();
      TransitionStore.tenantOf(key).ifPresent(tenant -> log.use(limits, tenant, now));
      TransitionStore.valueOf(key)
          .ifPresent(value -> {
            if (limits.unlogged(value)) {
              log.use(limits, value.tenant(), now);
            } else {
              log.drop(value);
            }
          });
    }
  }

  /// The ends of jobs are delivered. What their answers used is kept before they are forgotten.
  void retire(List<JobId> ids, Instant now) {
    List<Job> ended = ids.stream().flatMap(id -> state.job(id).stream()).toList();
    ended.forEach(job -> state.forget(job.id()));
    ended.stream()
        .filter(job -> job.progress().spent().map(spent -> spent.sequence() > 0).orElse(false))
        .map(Job::tenant)
        .distinct()
        .forEach(tenant -> log.use(state.gate().limits(), tenant, now));
    ended.forEach(memory::retire);
  }

  /// Puts a waiting job where it waits.
  void place(JobId id, Instant now) {
    if (state.job(id).filter(rules.plans()::lacksFacts).isPresent()) {
      routes.forgot(id);
      return;
    }
    Optional<RouteDecision> decision = state.place(id, routes.moment(rules, now));
    if (decision.isEmpty()) {
      return;
    }
    switch (decision.get()) {
      case RouteDecision.Routed _ -> {
        if (!heldByLimit(id)) {
          decideNow(id, new JobCommand.Hold(Optional.empty()), now);
        }
      }
      case RouteDecision.Held(String _, var rejected) ->
          decideNow(
              id,
              new JobCommand.Hold(Optional.of(Phase.Hold.noRoute(rejected, state.controls()))),
              now);
      case RouteDecision.Refused(var failure) -> decideNow(id, new JobCommand.Refuse(failure), now);
    }
  }

  /// Whether a limit held a job when it last came to the head of its line; it is tried again there.
  private boolean heldByLimit(JobId id) {
    return state
        .job(id)
        .filter(job -> state.gate().limits(job))
        .filter(job ->
            job.phase() instanceof Phase.Waiting waiting
                && waiting.hold().flatMap(Phase.Hold::by).isPresent())
        .isPresent();
  }

  /// A command to a job of which no input is in hand.
  void decideNow(JobId id, JobCommand command, Instant now) {
    state
        .job(id)
        .ifPresent(job ->
            follow(
                id,
                job.tenant(),
                JobMachine.decide(job, command, moment(now)),
                InHand.NOTHING,
                now));
  }

  /// Places some of the jobs that go by other rules since they were placed.
  void placeSome(Instant now) {
    long end = System.nanoTime() + PLACING_NANOS;
    long full = written + RECORDS_OF_PLACING;
    Optional<JobId> next = state.nextToPlace();
    for (int placed = 0; next.isPresent(); next = state.nextToPlace()) {
      place(next.get(), now);
      if (written >= full || (++placed % PLACED_TOGETHER == 0 && System.nanoTime() - end > 0)) {
        return;
      }
    }
  }

  private boolean rests(String pool) {
    return placedByTurn.getOrDefault(pool, 0) >= PLACED_BY_TURN;
  }

  /// Releases what credits and limits allow, and says of whom a limit holds back that it does.
  void release(Instant now) {
    placedByTurn.clear();
    Optional<TaskState.Pick> pick = state.nextRelease(rules.policy(), now, this::rests);
    while (pick.isPresent()) {
      JobId id = pick.get().job().id();
      Placement placement = pick.get().placement();
      if (pick.get().placedAnew()) {
        decideNow(id, new JobCommand.Release(placement), now);
      } else {
        placedByTurn.merge(placement.pool(), 1, Integer::sum);
        place(id, now);
      }
      pick = state.nextRelease(rules.policy(), now, this::rests);
    }
    for (LimitGate.Blocked blocked : state.gate().takeBlocked()) {
      decideNow(
          blocked.id(), new JobCommand.Hold(Optional.of(Phase.Hold.limit(blocked.block()))), now);
    }
  }

  JobMachine.Moment moment(Instant now) {
    return new JobMachine.Moment(
        routes.moment(rules, now),
        random.nextDouble(),
        (tenant, pool) -> budgets.wait(tenant, pool, now));
  }
}
