package dev.sluice.router.core;

import dev.sluice.contract.model.JobId;
import dev.sluice.contract.model.Priority;
import dev.sluice.router.core.limits.Demand;
import dev.sluice.router.core.limits.Spent;
import dev.sluice.router.core.limits.Stake;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// One live job after a transition: facts and pointers, never prompts or answers.
///
/// @param submission where the submission is in the log
/// @param deadline no provider call starts after it
/// @param demand what it asks of its tenant's limits
/// @param session stickiness key
/// @param group agent run it belongs to, with which it can be controlled
/// @param repeat by what a repeat of it is known
/// @param waiting submissions whose callers wait for it, its own and its repeats'; when the last
///   has left it is cancelled. Empty when it goes on whoever waits
/// @param cache what it has to do with answers that are kept; empty when it asked for none
/// @param facts what routing asks of the submission, where its plan asks
/// @param shadow what it has to do with shadow copies; empty when nothing
/// @param transition number of its last transition, from 1
public record Job(
    JobId id,
    String tenant,
    Priority priority,
    String model,
    LogPosition submission,
    Instant deadline,
    Demand demand,
    Delivery delivery,
    Optional<String> session,
    Optional<String> group,
    Optional<RepeatKey> repeat,
    List<JobId> waiting,
    Optional<CacheUse> cache,
    Optional<RouteFacts> facts,
    Optional<Shadow> shadow,
    int transition,
    Progress progress,
    Phase phase) {

  /// Counted in the fairness account for a job that names no limit of output, tokens.
  private static final long DEFAULT_OUTPUT_TOKENS = 512;

  /// After so long a job is as urgent as if its deadline had come, so that jobs with short
  /// deadlines do not keep others for ever.
  static final Duration AGING = Duration.ofHours(1);

  /// How long a job may live: what was asked stays in the log for a while only.
  static final Duration LONGEST = Duration.ofDays(7);

  public Job {
    waiting = List.copyOf(waiting);
  }

  /// A plain job as admitted: its turn is next, for its own caller and nobody else.
  public Job(
      JobId id,
      String tenant,
      Priority priority,
      String model,
      LogPosition submission,
      Instant deadline,
      Demand demand,
      Delivery delivery) {
    this(
        id,
        tenant,
        priority,
        model,
        submission,
        deadline,
        demand,
        delivery,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        ownCaller(id, delivery.attached()),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        1,
        Progress.NONE,
        Phase.Waiting.ITS_TURN);
  }

  /// Who waits for a job that only its own caller can be waiting for.
  public static List<JobId> ownCaller(JobId id, boolean attached) {
    return attached ? List.of(id) : List.of();
  }

  /// The number of the next attempt.
  public int nextAttempt() {
    return progress.nextAttempt();
  }

  /// The equal job in flight whose answer it waits for.
  public Optional<JobId> leader() {
    return cache.flatMap(CacheUse::leader);
  }

  /// Whether it is a shadow copy.
  public boolean isCopy() {
    return shadow.isPresent() && shadow.get() instanceof Shadow.CopyOf;
  }

  /// The job that it is a shadow copy of; empty when it is none.
  public Optional<JobId> copyOf() {
    return shadow.isPresent() && shadow.get() instanceof Shadow.CopyOf(JobId primary)
        ? Optional.of(primary)
        : Optional.empty();
  }

  /// Whether copies of it may be missing in the log.
  public boolean copiesDue() {
    return shadow.isPresent() && shadow.get() instanceof Shadow.Cast cast && cast.due();
  }

  public boolean done() {
    return phase instanceof Phase.Done;
  }

  /// The claim whose call may be running now, also after the job itself has ended.
  public Optional<Phase.Running> openClaim() {
    return switch (phase) {
      case Phase.Running running -> Optional.of(running);
      case Phase.Done done ->
          done.lastCall() instanceof Phase.LastCall.Open(Phase.Running claim)
              ? Optional.of(claim)
              : Optional.empty();
      case Phase.Waiting _, Phase.Released _ -> Optional.empty();
    };
  }

  /// The release whose work record may still lie in a work topic, also after the job itself has
  /// ended.
  public Optional<Phase.Released> openRelease() {
    return switch (phase) {
      case Phase.Released released -> Optional.of(released);
      case Phase.Done done ->
          done.lastCall() instanceof Phase.LastCall.Unclaimed(Phase.Released release)
              ? Optional.of(release)
              : Optional.empty();
      case Phase.Waiting _, Phase.Running _ -> Optional.empty();
    };
  }

  /// Why it waits: held by name, or another attempt follows; empty while it merely waits its turn.
  public Optional<String> waitReason() {
    if (!(phase instanceof Phase.Waiting waiting)) {
      return Optional.empty();
    }
    return waiting
        .hold()
        .map(Phase.Hold::reason)
        .or(() ->
            waiting.next().map(next -> progress.lostItsWorker() ? "worker_lost" : next.reason()));
  }

  /// What it counts in the fairness account, tokens.
  public long estimatedTokens() {
    return demand.inputTokens()
        + (demand.maxOutputTokens() == Demand.UNNAMED
            ? DEFAULT_OUTPUT_TOKENS
            : demand.maxOutputTokens() * demand.choices());
  }

  /// By what it is ordered among its tenant's jobs, milliseconds since the epoch; the smaller the
  /// sooner.
  long urgency() {
    return Math.min(deadline.toEpochMilli(), id.createdMillis() + AGING.toMillis());
  }

  /// The job as its tenant's limits see it.
  public Stake stake() {
    Stake.Stage stage =
        done()
            ? Stake.Stage.ENDED
            : phase instanceof Phase.Waiting && !progress.called()
                ? Stake.Stage.ADMITTED
                : Stake.Stage.RELEASED;
    boolean inFlight = openClaim().isPresent() || openRelease().isPresent();
    return new Stake(
        tenant,
        model,
        demand,
        id.createdAt(),
        deadline,
        stage,
        progress.startedAt(),
        inFlight,
        progress.spent());
  }

  /// The job after a transition that changes nothing but where it is.
  Job moved(Phase to) {
    return next(to, _ -> {});
  }

  Job started(Instant now, Phase.Running to) {
    return next(to, draft -> draft.progress = progress.started(now));
  }

  /// The job after an attempt delivered its answer.
  Job delivered(Attempt attempt, Optional<BigDecimal> price, Spent used, Phase to) {
    return next(to, draft -> draft.progress = progress.ended(attempt, price, Optional.of(used)));
  }

  /// The job after an attempt ended, with what that attempt owes.
  Job ended(Attempt attempt, Optional<BigDecimal> price, Phase to) {
    return next(to, draft -> draft.progress = progress.ended(attempt, price, Optional.empty()));
  }

  /// The same job, ended with an answer that needed no call.
  Job given(Spent used, Phase to) {
    return next(to, draft -> draft.progress = progress.answered(Optional.of(used)));
  }

  /// The same job with other callers that wait for it.
  Job awaitedBy(List<JobId> callers) {
    return next(phase, draft -> draft.waiting = callers);
  }

  /// The same job on another model, because of a limit.
  Job downgradedTo(String other) {
    return with(draft -> {
      draft.model = other;
      draft.demand = demand.downgradedFrom(model);
    });
  }

  /// The same job, as urgent as this from now on. Its age goes with it.
  Job asUrgentAs(Priority other, Instant until) {
    return with(draft -> {
      draft.priority = other;
      draft.deadline = until;
    });
  }

  /// The same job with what it asks of limits.
  Job asking(Demand other) {
    return with(draft -> draft.demand = other);
  }

  /// The same job, whose answer's use has a place among all that are counted.
  public Job counted(long place) {
    return with(draft ->
        draft.progress = progress.answered(progress.spent().map(used -> used.counted(place))));
  }

  /// The same job with copies.
  Job shadowed(Shadow.Cast cast) {
    return with(draft -> draft.shadow = Optional.of(cast));
  }

  /// The same job, of which no copies are made.
  public Job unshadowed() {
    return with(draft -> draft.shadow = Optional.empty());
  }

  /// The same job, of which no repeat is known any more.
  public Job withoutRepeat() {
    return with(draft -> draft.repeat = Optional.empty());
  }

  /// The same job, of which routing knows what it asks.
  public Job knowing(RouteFacts said) {
    return with(draft -> draft.facts = Optional.of(said));
  }

  /// The same job with another use of answers that are kept.
  public Job caching(CacheUse use) {
    return with(draft -> draft.cache = Optional.of(use));
  }

  /// The same job, whose answer is given to nobody any more.
  Job unkept() {
    return with(draft -> draft.cache = cache.map(CacheUse::unkept));
  }

  /// The next transition. From then on the copies of a job are in the log.
  private Job next(Phase to, Consumer<Draft> change) {
    return with(draft -> {
      draft.transition++;
      draft.phase = to;
      draft.shadow = shadow.map(Shadow::later);
      change.accept(draft);
    });
  }

  private Job with(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return draft.job(this);
  }

  /// What of a job can change.
  private static final class Draft {
    Priority priority;
    String model;
    Instant deadline;
    Demand demand;
    Optional<RepeatKey> repeat;
    List<JobId> waiting;
    Optional<CacheUse> cache;
    Optional<RouteFacts> facts;
    Optional<Shadow> shadow;
    int transition;
    Progress progress;
    Phase phase;

    Draft(Job job) {
      priority = job.priority;
      model = job.model;
      deadline = job.deadline;
      demand = job.demand;
      repeat = job.repeat;
      waiting = job.waiting;
      cache = job.cache;
      facts = job.facts;
      shadow = job.shadow;
      transition = job.transition;
      progress = job.progress;
      phase = job.phase;
    }

    Job job(Job of) {
      return new Job(
          of.id,
          of.tenant,
          priority,
          model,
          of.submission,
          deadline,
          demand,
          of.delivery,
          of.session,
          of.group,
          repeat,
          waiting,
          cache,
          facts,
          shadow,
          transition,
          progress,
          phase);
    }
  }
}
