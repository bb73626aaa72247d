package dev.sluice.router.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.sluice.contract.model.ErrorCode;
import dev.sluice.contract.model.JobId;
import dev.sluice.contract.model.Policy;
import dev.sluice.contract.model.Priority;
import dev.sluice.contract.price.PriceBook;
import dev.sluice.router.core.Notice.VerdictKind;
import dev.sluice.router.core.limits.Demand;
import dev.sluice.router.core.limits.Spent;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/// Jobs, commands and policies for tests of the core.
final class Jobs {
  /// Never before the moment of a decision.
  private static final Instant READ_AT_ONCE = Instant.MAX;

  static final Instant NOW = Instant.parse("2026-11-21T08:00:00Z");
  static final Placement PLACE = new Placement("p", "x", 1, "weighted");

  private Jobs() {}

  static Job waiting(int number) {
    return waiting(number, "acme", Priority.STANDARD, 100);
  }

  static Job waiting(int number, String tenant, Priority priority, long tokens) {
    return new Job(
        JobId.create(NOW, 0, 0, number),
        tenant,
        priority,
        "m",
        new LogPosition("sluice.jobs." + priority.key(), 0, number),
        NOW.plus(Duration.ofHours(1)),
        new Demand("", Map.of(), tokens, 0, 1, false, Optional.empty()),
        Delivery.kept(0));
  }

  static Job inGroup(Job job, Optional<String> group) {
    return like(job, job.delivery(), job.session(), group, job.repeat(), job.facts());
  }

  static Job streamingToACaller(Job job) {
    return like(
        job,
        new Delivery(0, true, true, Optional.empty()),
        job.session(),
        job.group(),
        job.repeat(),
        job.facts());
  }

  static Job with(Job job, RepeatKey key) {
    return like(job, job.delivery(), job.session(), job.group(), Optional.of(key), job.facts());
  }

  /// A job that was submitted with other things; its own caller waits for it if one is attached.
  static Job like(
      Job job,
      Delivery delivery,
      Optional<String> session,
      Optional<String> group,
      Optional<RepeatKey> repeat,
      Optional<RouteFacts> facts) {
    return new Job(
        job.id(),
        job.tenant(),
        job.priority(),
        job.model(),
        job.submission(),
        job.deadline(),
        job.demand(),
        delivery,
        session,
        group,
        repeat,
        Job.ownCaller(job.id(), delivery.attached()),
        job.cache(),
        facts,
        job.shadow(),
        job.transition(),
        job.progress(),
        job.phase());
  }

  /// A state as a takeover makes it of jobs that were read back.
  static TaskState restored(Iterable<Job> jobs) {
    JobTable readBack = new JobTable();
    jobs.forEach(readBack::put);
    TaskState state = new TaskState();
    state.restore(readBack, _ -> {});
    return state;
  }

  static Job succeeded(Job job) {
    return after(running(job, 7), success(1, 7, 1));
  }

  static Job failed(Job job) {
    return after(job, new JobCommand.Refuse(failureOf(FailureCause.REFUSED)));
  }

  static JobCommand.Release release() {
    return new JobCommand.Release(PLACE);
  }

  static Job released(Job job) {
    return after(job, release());
  }

  /// All that callers are told about the end of a job.
  static List<Object> endOf(Job job) {
    if (job.phase() instanceof Phase.Done done) {
      return List.of(done.with(new Phase.LastCall.Accounted()), job.progress());
    }
    throw new AssertionError("not done: " + job);
  }

  static Job running(Job job, long claimId) {
    return after(released(job), claim(1, claimId));
  }

  static Job after(Job job, JobCommand command) {
    return moves(job, command).after();
  }

  static JobDecision decide(Job job, JobCommand command) {
    return JobMachine.decide(job, command, moment());
  }

  static JobDecision.Moves moves(Job job, JobCommand command) {
    return assertInstanceOf(JobDecision.Moves.class, decide(job, command));
  }

  static VerdictKind verdict(JobDecision decision) {
    return verdict(assertInstanceOf(JobDecision.Answers.class, decision).notices());
  }

  static VerdictKind verdict(List<Notice> notices) {
    assertEquals(1, notices.size());
    return assertInstanceOf(Notice.Verdict.class, notices.getFirst()).kind();
  }

  static JobCommand.Claim claim(int attempt, long claimId) {
    return new JobCommand.Claim(attempt, claimId, "w", 0, false, 0, READ_AT_ONCE);
  }

  static JobCommand.Claim waitingClaim(int attempt, long claimId) {
    return new JobCommand.Claim(attempt, claimId, "w", 0, true, 0, READ_AT_ONCE);
  }

  static JobCommand.Outcome success(int attempt, long claimId, long offset) {
    return outcome(attempt, claimId, offset, Optional.empty(), false);
  }

  static JobCommand.Outcome failure(int attempt, long claimId, long offset, FailureCause cause) {
    return outcome(attempt, claimId, offset, Optional.of(failureOf(cause)), false);
  }

  static JobCommand.Outcome outcome(
      int attempt, long claimId, long offset, Optional<Failure> failure, boolean streamed) {
    return new JobCommand.Outcome(
        attempt,
        claimId,
        true,
        failure,
        streamed,
        NOW,
        NOW.plusMillis(5),
        Optional.of(BigDecimal.ONE),
        new Spent(0, 10, 20, 1_000_000_000_000L, NOW.plusMillis(5)),
        new LogPosition("sluice.commands", 0, offset));
  }

  /// An attempt that ended before its call began.
  static JobCommand.Outcome notCalled(int attempt, long claimId, long offset) {
    Spent nothing = new Spent(0, 0, 0, 0, NOW);
    return uncalled(attempt, claimId, offset, FailureCause.CANCELLED, nothing);
  }

  /// An attempt whose pool was known to be down.
  static JobCommand.Outcome givenBack(int attempt, long claimId, long offset) {
    Spent asked = new Spent(0, 10, 20, 1_000_000_000_000L, NOW);
    return uncalled(attempt, claimId, offset, FailureCause.DOWN, asked);
  }

  private static JobCommand.Outcome uncalled(
      int attempt, long claimId, long offset, FailureCause cause, Spent spent) {
    return new JobCommand.Outcome(
        attempt,
        claimId,
        false,
        Optional.of(failureOf(cause)),
        false,
        NOW,
        NOW,
        Optional.empty(),
        spent,
        new LogPosition("sluice.commands", 0, offset));
  }

  static Failure failureOf(FailureCause cause) {
    return Failure.of(ErrorCode.PROVIDER_DOWN, cause, "down");
  }

  static JobMachine.Moment moment() {
    return new JobMachine.Moment(policy(64), NOW, 0.5);
  }

  /// Other rules hold, and every waiting job is placed by them at once.
  static void placeAnew(TaskState state, RouteMoment moment) {
    state.placeAnew(moment.usable());
    Optional<JobId> next = state.nextToPlace();
    while (next.isPresent()) {
      state.place(next.get(), moment);
      next = state.nextToPlace();
    }
  }

  /// What routing goes by where every pool is usable.
  static RouteMoment routing(Policy policy) {
    return routing(policy, _ -> true, NOW);
  }

  static RouteMoment routing(Policy policy, Predicate<String> usable, Instant now) {
    return new RouteMoment(
        RoutePlans.of(policy), PriceBook.of(policy), usable, new RouteScores(), now, 1);
  }

  static Policy policy(int slots, Policy.Fallback... fallback) {
    return new Policy(
        1,
        Map.of("acme", new Policy.Tenant("acme", List.of(), Map.of(), Policy.OnCrash.RETRY, 4)),
        Map.of("p", pool("p", slots), "q", pool("q", slots)),
        Map.of(
            "m",
            new Policy.Model(
                "m", Optional.empty(), List.of(new Policy.Route("p", "x", 1)), List.of(fallback))),
        List.of());
  }

  /// What commits covered, said outright.
  record Commits(Predicate<LogPosition> inputs, boolean lastRecord)
      implements ResendPolicy.Commits {
    @Override
    public boolean cover(LogPosition input) {
      return inputs.test(input);
    }

    @Override
    public boolean coverLastRecordOf(Job job) {
      return lastRecord;
    }
  }

  private static Policy.Pool pool(String id, int slots) {
    return new Policy.Pool(
        id,
        Policy.ProviderKind.SIMULATED,
        List.of(),
        Optional.empty(),
        slots,
        Policy.Timeouts.DEFAULT,
        Set.of("chat"),
        Policy.Simulation.DEFAULT);
  }
}
