package dev.sluice.router.core;

import dev.sluice.contract.model.JobId;
import dev.sluice.contract.model.Priority;
import dev.sluice.router.core.limits.Demand;
import dev.sluice.router.core.limits.Spent;
import dev.sluice.router.core.limits.Stake;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// One live job after a transition: facts and pointers, never prompts or answers.
///
/// @param submission where the submission is in the log
/// @param deadline no provider call starts after it
/// @param demand what it asks of its tenant's limits
/// @param stream whether deltas are wanted
/// @param attached whether a connection waited for it at submission
/// @param session stickiness key
/// @param repeat by what a repeat of it is known
/// @param waiting submissions whose callers wait for it, its own and its repeats'; when the last
///   has left it is cancelled. Empty when it goes on whoever waits
/// @param callback who is told of its end; empty when nobody is
/// @param cache what it has to do with answers that are kept; empty when it asked for none
/// @param transition number of its last transition, from 1
/// @param attempts ended attempts, oldest first; of those that were given back only the last few
/// @param owed sum owed to providers so far, USD; empty when a call had no price
/// @param startedAt first claim
/// @param spent what its answer used; empty until one is delivered
/// @param facts what routing asks of the submission, where its plan asks
/// @param group agent run it belongs to, with which it can be controlled
/// @param shadow what it has to do with shadow copies; empty when nothing
public record Job(
    JobId id,
    String tenant,
    Priority priority,
    String model,
    LogPosition submission,
    Instant deadline,
    int replyPartition,
    Demand demand,
    boolean stream,
    boolean attached,
    Optional<String> session,
    Optional<RepeatKey> repeat,
    List<JobId> waiting,
    Optional<Callback> callback,
    Optional<CacheUse> cache,
    int transition,
    List<Attempt> attempts,
    Optional<BigDecimal> owed,
    Optional<Instant> startedAt,
    Optional<Spent> spent,
    Phase phase,
    Optional<RouteFacts> facts,
    Optional<String> group,
    Optional<Shadow> shadow) {

  /// Counted in the fairness account for a job that names no limit of output, tokens.
  private static final long DEFAULT_OUTPUT_TOKENS = 512;

  /// After so long a job is as urgent as if its deadline had come, so that jobs with short
  /// deadlines do not keep others for ever.
  static final Duration AGING = Duration.ofHours(1);

  /// What all jobs owe that have made no call.
  public static final Optional<BigDecimal> OWES_NOTHING = Optional.of(BigDecimal.ZERO);

  /// How long a job may live: what was asked stays in the log for a while only.
  static final Duration LONGEST = Duration.ofDays(7);

  /// Attempts without a call that are remembered: a job may be given back as often as its pool goes
  /// down.
  static final int MAX_GIVEN_BACK = 8;

  public Job {
    waiting = List.copyOf(waiting);
    attempts = List.copyOf(attempts);
  }

  /// A job of no group, of which routing asks nothing more, and that has nothing to do with answers
  /// that are kept or with copies.
  public Job(
      JobId id,
      String tenant,
      Priority priority,
      String model,
      LogPosition submission,
      Instant deadline,
      int replyPartition,
      Demand demand,
      boolean stream,
      boolean attached,
      Optional<String> session,
      Optional<RepeatKey> repeat,
      List<JobId> waiting,
      Optional<Callback> callback,
      int transition,
      List<Attempt> attempts,
      Optional<BigDecimal> owed,
      Optional<Instant> startedAt,
      Optional<Spent> spent,
      Phase phase) {
    this(
        id,
        tenant,
        priority,
        model,
        submission,
        deadline,
        replyPartition,
        demand,
        stream,
        attached,
        session,
        repeat,
        waiting,
        callback,
        Optional.empty(),
        transition,
        attempts,
        owed,
        startedAt,
        spent,
        phase,
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  /// Who waits for a job that only its own caller can be waiting for.
  public static List<JobId> ownCaller(JobId id, boolean attached) {
    return attached ? List.of(id) : List.of();
  }

  /// The number of the next attempt.
  public int nextAttempt() {
    return attempts.isEmpty() ? 1 : attempts.getLast().number() + 1;
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
    boolean lost = !attempts.isEmpty() && attempts.getLast().cause() == FailureCause.WORKER_LOST;
    return waiting
        .hold()
        .map(Phase.Hold::reason)
        .or(() -> waiting.next().map(next -> lost ? "worker_lost" : next.reason()));
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
    return Math.min(deadline.toEpochMilli(), id.createdAt().plus(AGING).toEpochMilli());
  }

  /// The job as its tenant's limits see it.
  public Stake stake() {
    Stake.Stage stage =
        done()
            ? Stake.Stage.ENDED
            : phase instanceof Phase.Waiting && attempts.stream().allMatch(Attempt::givenBack)
                ? Stake.Stage.ADMITTED
                : Stake.Stage.RELEASED;
    boolean inFlight = openClaim().isPresent() || openRelease().isPresent();
    return new Stake(
        tenant, model, demand, id.createdAt(), deadline, stage, startedAt, inFlight, spent);
  }

  Job moved(Phase to) {
    return next(attempts, owed, startedAt, spent, to);
  }

  /// The same job on another model, because of a limit.
  Job downgradedTo(String other) {
    return with(other, demand.downgradedFrom(model), spent);
  }

  /// The same job, as urgent as this from now on. Its age goes with it.
  Job asUrgentAs(Priority other, Instant until) {
    return new Job(
        id,
        tenant,
        other,
        model,
        submission,
        until,
        replyPartition,
        demand,
        stream,
        attached,
        session,
        repeat,
        waiting,
        callback,
        cache,
        transition,
        attempts,
        owed,
        startedAt,
        spent,
        phase,
        facts,
        group,
        shadow);
  }

  /// The same job with what it asks of limits.
  Job asking(Demand other) {
    return with(model, other, spent);
  }

  /// The same job, whose answer's use has a place among all that are counted.
  public Job counted(long place) {
    return with(model, demand, spent.map(used -> used.counted(place)));
  }

  /// The same job with copies.
  Job shadowed(Shadow.Cast cast) {
    return shadowed(Optional.of(cast));
  }

  /// The same job, of which no copies are made.
  public Job unshadowed() {
    return shadowed(Optional.empty());
  }

  private Job shadowed(Optional<Shadow> other) {
    return new Job(
        id,
        tenant,
        priority,
        model,
        submission,
        deadline,
        replyPartition,
        demand,
        stream,
        attached,
        session,
        repeat,
        waiting,
        callback,
        cache,
        transition,
        attempts,
        owed,
        startedAt,
        spent,
        phase,
        facts,
        group,
        other);
  }

  private Job with(String other, Demand asked, Optional<Spent> used) {
    return copy(
        other,
        asked,
        repeat,
        waiting,
        facts,
        cache,
        transition,
        attempts,
        owed,
        startedAt,
        used,
        phase);
  }

  /// The same job with other callers that wait for it.
  Job awaitedBy(List<JobId> callers) {
    return with(repeat, callers, facts, cache).moved(phase);
  }

  /// The same job, of which no repeat is known any more.
  public Job withoutRepeat() {
    return with(Optional.empty(), waiting, facts, cache);
  }

  /// The same job, of which routing knows what it asks.
  public Job knowing(RouteFacts said) {
    return with(repeat, waiting, Optional.of(said), cache);
  }

  /// The same job with another use of answers that are kept.
  public Job caching(CacheUse use) {
    return with(repeat, waiting, facts, Optional.of(use));
  }

  /// The same job, whose answer is given to nobody any more.
  Job unkept() {
    return with(repeat, waiting, facts, cache.map(CacheUse::unkept));
  }

  /// The same job, ended with an answer that needed no call.
  Job given(Spent used, Phase to) {
    return next(attempts, owed, startedAt, Optional.of(used), to);
  }

  private Job with(
      Optional<RepeatKey> key,
      List<JobId> callers,
      Optional<RouteFacts> said,
      Optional<CacheUse> use) {
    return copy(
        model,
        demand,
        key,
        callers,
        said,
        use,
        transition,
        attempts,
        owed,
        startedAt,
        spent,
        phase);
  }

  Job started(Instant now, Phase.Running to) {
    return next(attempts, owed, startedAt.or(() -> Optional.of(now)), spent, to);
  }

  /// The job after an attempt delivered its answer.
  Job delivered(Attempt attempt, Optional<BigDecimal> price, Spent used, Phase to) {
    return ended(attempt, price, Optional.of(used), to);
  }

  /// The job after an attempt ended, with what that attempt owes.
  Job ended(Attempt attempt, Optional<BigDecimal> price, Phase to) {
    return ended(attempt, price, Optional.empty(), to);
  }

  private Job ended(Attempt attempt, Optional<BigDecimal> price, Optional<Spent> used, Phase to) {
    List<Attempt> all = new ArrayList<>(attempts);
    all.add(attempt);
    if (all.stream().filter(Attempt::givenBack).count() > MAX_GIVEN_BACK) {
      all.remove(all.stream().filter(Attempt::givenBack).findFirst().orElseThrow());
    }
    return next(all, owed.flatMap(sum -> price.map(sum::add)), startedAt, used, to);
  }

  /// The next transition: what a submission says never changes.
  private Job next(
      List<Attempt> made,
      Optional<BigDecimal> owes,
      Optional<Instant> started,
      Optional<Spent> used,
      Phase to) {
    return copy(
        model,
        demand,
        repeat,
        waiting,
        facts,
        cache,
        transition + 1,
        made,
        owes,
        started,
        used,
        to);
  }

  /// Where a job is made of another, but for its urgency: what is not named here never changes, but
  /// that from the next transition on its copies are in the log.
  private Job copy(
      String other,
      Demand asked,
      Optional<RepeatKey> key,
      List<JobId> callers,
      Optional<RouteFacts> said,
      Optional<CacheUse> use,
      int number,
      List<Attempt> made,
      Optional<BigDecimal> owes,
      Optional<Instant> started,
      Optional<Spent> used,
      Phase to) {
    return new Job(
        id,
        tenant,
        priority,
        other,
        submission,
        deadline,
        replyPartition,
        asked,
        stream,
        attached,
        session,
        key,
        callers,
        callback,
        use,
        number,
        made,
        owes,
        started,
        used,
        to,
        said,
        group,
        number == transition ? shadow : shadow.map(Shadow::later));
  }
}
