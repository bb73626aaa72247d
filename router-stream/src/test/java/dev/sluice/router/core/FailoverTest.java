package dev.sluice.router.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.model.Policy;
import dev.sluice.contract.model.Policy.FallbackCause;
import dev.sluice.contract.model.Policy.Route;
import dev.sluice.router.core.JobMachine.Moment;
import dev.sluice.router.core.RoutePolicy.RouteDecision;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/// What happens to jobs when a pool's provider is down.
class FailoverTest {
  private static final Policy FALLBACK =
      Jobs.policy(
          64, new Policy.Fallback("q", "y", Set.of(FallbackCause.DOWN, FallbackCause.TIMEOUT)));
  private static final Policy TWO_ROUTES =
      withRoutes(new Route("p", "x", 1), new Route("q", "y", 1));

  @Test
  void aJobWhoseRoutesAreAllDownGoesAlongTheFallback() {
    RouteDecision decision =
        Detour.decide(
            Jobs.waiting(1), RouteMoment.plain(FALLBACK, Set.of("q")::contains, Jobs.NOW));

    Placement placement = assertInstanceOf(RouteDecision.Routed.class, decision).placement();
    assertEquals(new Placement("q", "y", 1, "fallback"), placement.untold());
    assertEquals("p", placement.choice().rejected().getFirst().pool());
  }

  @Test
  void aJobIsHeldWhenItsWholePlanIsDown() {
    assertInstanceOf(
        RouteDecision.Held.class,
        Detour.decide(Jobs.waiting(1), RouteMoment.plain(FALLBACK, _ -> false, Jobs.NOW)));
  }

  @Test
  void aFallbackThatIsDownItselfIsNotTaken() {
    Phase.Waiting waiting = waits(fails(FALLBACK, Set.of("p")::contains, true));

    assertEquals("p", waiting.next().orElseThrow().pool());
    assertTrue(waiting.notBefore().isAfter(Jobs.NOW));
  }

  @Test
  void aJobWhoseProviderIsDownGoesToAnotherRouteOfItsPlanAtOnce() {
    Phase.Waiting waiting = waits(fails(TWO_ROUTES, _ -> true, true));

    assertEquals("q", waiting.next().orElseThrow().pool());
    assertEquals(Jobs.NOW, waiting.notBefore());
  }

  @Test
  void anAttemptThatWasGivenBackGoesElsewhereAtOnceThoughTheRouterHasNotHeardYet() {
    Phase.Waiting waiting = waits(fails(TWO_ROUTES, _ -> true, false));

    assertEquals("q", waiting.next().orElseThrow().pool());
    assertEquals(Jobs.NOW, waiting.notBefore());
  }

  /// It failed once where providers are well, and the other route is down for long.
  @Test
  void aJobThatIsGivenBackGoesWhereItFailedBeforeRatherThanWait() {
    Job job = fails(TWO_ROUTES, _ -> true, true);
    Placement other = waits(job).next().orElseThrow();
    job = decide(job, new JobCommand.Release(other), TWO_ROUTES, _ -> true);
    job = decide(job, Jobs.claim(2, 2), TWO_ROUTES, _ -> true);

    Phase.Waiting waiting = waits(decide(job, outcome(2, false), TWO_ROUTES, _ -> true));

    assertEquals("p", waiting.next().orElseThrow().pool());
    assertTrue(waiting.notBefore().isAfter(Jobs.NOW));
  }

  @Test
  void aJobThatIsGivenBackWaitsWhereTheOtherPoolIsDownAsWell() {
    Job job =
        decide(
            Jobs.running(Jobs.waiting(1), 1), outcome(1, true), TWO_ROUTES, Set.of("q")::contains);
    Placement other = waits(job).next().orElseThrow();
    job = decide(job, new JobCommand.Release(other), TWO_ROUTES, _ -> true);
    job = decide(job, Jobs.claim(2, 2), TWO_ROUTES, _ -> true);

    Phase.Waiting waiting =
        waits(decide(job, outcome(2, false), TWO_ROUTES, Set.of("q")::contains));

    assertEquals("q", waiting.next().orElseThrow().pool(), "p is down too");
  }

  @Test
  void aCallWhereTheJobFailedBeforeWaitsForItsBudget() {
    Job job = fails(TWO_ROUTES, _ -> true, true);
    Placement other = waits(job).next().orElseThrow();
    job = decide(job, new JobCommand.Release(other), TWO_ROUTES, _ -> true);
    job = decide(job, Jobs.claim(2, 2), TWO_ROUTES, _ -> true);
    Moment spent =
        new Moment(
            RouteMoment.plain(TWO_ROUTES, _ -> true, Jobs.NOW),
            0.5,
            (tenant, pool) -> pool.equals("p") ? Duration.ofSeconds(7) : Duration.ZERO);

    Job back = moved(job, outcome(2, false), spent);

    assertEquals("p", waits(back).next().orElseThrow().pool());
    assertEquals(Jobs.NOW.plusSeconds(7), waits(back).notBefore());
    assertEquals(Optional.of("retry_budget"), back.waitReason());
  }

  @Test
  void aJobCanBeGivenBackForeverAndIsNeverLost() {
    Job job = Jobs.waiting(1);
    for (int round = 1; round <= 100; round++) {
      job = decide(job, Jobs.release(), Jobs.policy(64), _ -> true);
      job = decide(job, Jobs.claim(round, round), Jobs.policy(64), _ -> true);
      job = decide(job, outcome(round, false), Jobs.policy(64), _ -> true);
      waits(job);
    }

    assertEquals(101, job.nextAttempt());
    assertEquals(Progress.MAX_GIVEN_BACK, job.progress().attempts().size());
    assertEquals(Optional.of(java.math.BigDecimal.ZERO), job.progress().owed());
  }

  @Test
  void givenBackAttemptsDoNotCountAsCalls() {
    Job job = Jobs.waiting(1);
    for (int round = 1; round <= 8; round++) {
      job = decide(job, Jobs.release(), Jobs.policy(64), _ -> true);
      job = decide(job, Jobs.claim(round, round), Jobs.policy(64), _ -> true);
      job = decide(job, outcome(round, round % 2 == 0), Jobs.policy(64), _ -> true);
    }

    assertInstanceOf(Phase.Done.class, job.phase());
    assertEquals(4, job.progress().attempts().stream().filter(Attempt::called).count());
  }

  @Test
  void aRetryBeyondItsBudgetWaitsAndSaysWhy() {
    Moment spent =
        new Moment(
            RouteMoment.plain(Jobs.policy(64), _ -> true, Jobs.NOW),
            0.5,
            (tenant, pool) -> Duration.ofSeconds(7));
    Job failed = moved(Jobs.running(Jobs.waiting(1), 1), outcome(1, true), spent);

    assertEquals(Jobs.NOW.plusSeconds(7), waits(failed).notBefore());
    assertEquals(Optional.of("retry_budget"), failed.waitReason());
  }

  @Test
  void aBudgetNeverMakesAJobMissItsDeadline() {
    Moment spent =
        new Moment(
            RouteMoment.plain(Jobs.policy(64), _ -> true, Jobs.NOW),
            0.5,
            (tenant, pool) -> Duration.ofDays(1));
    Job failed = moved(Jobs.running(Jobs.waiting(1), 1), outcome(1, true), spent);

    assertTrue(waits(failed).notBefore().isBefore(Jobs.NOW.plusSeconds(1)));
  }

  private static Job fails(Policy policy, Predicate<String> usable, boolean called) {
    return decide(Jobs.running(Jobs.waiting(1), 1), outcome(1, called), policy, usable);
  }

  private static Job decide(Job job, JobCommand command, Policy policy, Predicate<String> usable) {
    return moved(
        job,
        command,
        new Moment(RouteMoment.plain(policy, usable, Jobs.NOW), 0.5, RetryBudgets.View.UNBOUNDED));
  }

  private static Job moved(Job job, JobCommand command, Moment moment) {
    return assertInstanceOf(JobDecision.Moves.class, JobMachine.decide(job, command, moment))
        .after();
  }

  private static Phase.Waiting waits(Job job) {
    return assertInstanceOf(Phase.Waiting.class, job.phase());
  }

  private static JobCommand.Outcome outcome(int attempt, boolean called) {
    return new JobCommand.Outcome(
        attempt,
        attempt,
        called,
        Optional.of(Jobs.failureOf(FailureCause.DOWN)),
        false,
        Jobs.NOW,
        Jobs.NOW,
        called ? Optional.of(java.math.BigDecimal.ONE) : Optional.empty(),
        Jobs.success(1, 1, 1).spent(),
        new LogPosition("sluice.commands", 0, attempt));
  }

  private static Policy withRoutes(Route... routes) {
    Policy policy = Jobs.policy(64);
    return new Policy(
        1,
        policy.tenants(),
        policy.pools(),
        Map.of("m", new Policy.Model("m", Optional.empty(), List.of(routes), List.of())),
        List.of());
  }
}
