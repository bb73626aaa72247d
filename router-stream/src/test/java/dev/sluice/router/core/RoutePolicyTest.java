package dev.sluice.router.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.model.ErrorCode;
import dev.sluice.contract.model.Policy;
import dev.sluice.contract.model.Policy.Routing;
import dev.sluice.contract.price.PriceBook;
import dev.sluice.router.core.RoutePolicy.RouteDecision;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RoutePolicyTest {
  private static final Optional<String> ANYWHERE = Optional.empty();
  private static final int MANY = 4_000;

  private static RouteMoment moment(Policy.Model model) {
    return Routings.moment(Routings.policy(ANYWHERE, model), Set.of());
  }

  private static RouteMoment without(Policy.Model model, String... away) {
    return Routings.moment(Routings.policy(ANYWHERE, model), Set.of(away));
  }

  @Test
  void spreadsJobsByWeight() {
    Policy.Model model =
        Routings.plan(Routing.WEIGHTED, Routings.route("a", 95), Routings.route("b", 5));

    Map<String, Long> shares = Routings.shares(Routings.placements(MANY, moment(model)));

    assertEquals(0.05, shares.get("b") / (double) MANY, 0.01);
  }

  @Test
  void keepsASessionElseATagOnItsRoute() {
    Policy.Model model =
        Routings.plan(
            Routing.WEIGHTED, Routings.route("a", 1, "yes"), Routings.route("b", 1, "yes"));
    RouteMoment moment = moment(model);

    for (int value = 0; value < 50; value++) {
      Optional<String> session = Optional.of("s" + value);
      Map<String, String> tags = Map.of("user", "u" + value);
      assertEquals(
          Routings.placement(Routings.job(1, session, Map.of()), moment),
          Routings.placement(Routings.job(2, session, tags), moment));
      Placement byTag = Routings.placement(Routings.job(3, Optional.empty(), tags), moment);
      assertEquals(byTag, Routings.placement(Routings.job(4, Optional.empty(), tags), moment));
      assertEquals(Optional.of("v-" + byTag.pool()), byTag.choice().variant());
    }
  }

  @Test
  void movesOnlyTheJobsOfAPoolThatIsAway() {
    for (Routing routing : List.of(Routing.WEIGHTED, Routing.STICKY)) {
      Policy.Model model =
          Routings.plan(
              routing, Routings.route("a", 3), Routings.route("b", 2), Routings.route("c", 1));
      List<Placement> before = Routings.placements(MANY, moment(model));

      List<Placement> after = Routings.placements(MANY, without(model, "b"));

      for (int i = 0; i < MANY; i++) {
        assertTrue(
            before.get(i).pool().equals("b") || before.get(i).pool().equals(after.get(i).pool()));
        assertEquals("the pool takes no work now", Routings.rejected(after.get(i)).get("b"));
      }
      Map<String, Long> shares = Routings.shares(after);
      assertEquals(0.75, shares.get("a") / (double) MANY, 0.03);
    }
  }

  @Test
  void aRemovedRouteMovesOnlyItsOwnSessions() {
    Policy.Model all =
        Routings.plan(
            Routing.STICKY, Routings.route("a", 1), Routings.route("b", 1), Routings.route("c", 1));
    Policy.Model fewer =
        Routings.plan(Routing.STICKY, Routings.route("a", 1), Routings.route("c", 1));
    List<Placement> before = Routings.placements(MANY, moment(all));
    List<Placement> after = Routings.placements(MANY, moment(fewer));

    assertTrue(
        IntStream.range(0, MANY)
            .filter(i -> !before.get(i).pool().equals("b"))
            .allMatch(i -> before.get(i).pool().equals(after.get(i).pool())));
    assertEquals(1 / 3.0, Routings.shares(before).get("b") / (double) MANY, 0.03);
  }

  @Test
  void takesTheFirstThatCanBeUsed() {
    Policy.Model model =
        Routings.plan(
            Routing.PRIORITY,
            Routings.route("a", 1),
            Routings.route("b", 9),
            Routings.route("c", 1));

    Placement placement = Routings.placement(Routings.job(1), without(model, "a"));

    assertEquals("b", placement.pool());
    assertEquals("priority", placement.choice().policy());
    assertEquals("first of those that may be used", placement.reason());
    assertEquals(
        Map.of("a", "the pool takes no work now", "c", "later in the list"),
        Routings.rejected(placement));
  }

  @Test
  void takesTheCheapestForTheLongestRun() {
    Policy.Model model =
        Routings.plan(
            Routing.CHEAPEST,
            Routings.route("a", 1),
            Routings.route("b", 1),
            Routings.route("c", 1));
    // 1000 tokens in and at most 100 out.
    Policy policy =
        Routings.policy(
            ANYWHERE, model, Routings.price("b", "1", "5"), Routings.price("c", "1.2", "2"));

    Placement placement = Routings.placement(Routings.job(1), Routings.moment(policy, Set.of()));

    assertEquals("c", placement.pool());
    assertEquals("at most 0.0014 USD", placement.reason());
    assertEquals(Map.of("a", "unpriced", "b", "at most 0.0015 USD"), Routings.rejected(placement));
    assertEquals(
        "a", Routings.placement(Routings.job(1), Routings.moment(policy, Set.of("b", "c"))).pool());
  }

  @Test
  void takesTheFastestOnceOneIsMeasured() {
    Policy.Model model =
        Routings.plan(Routing.FASTEST, Routings.route("a", 1), Routings.route("b", 1));
    Policy policy = Routings.policy(ANYWHERE, model);
    RouteScores scores = new RouteScores();
    RouteMoment moment = Routings.moment(policy, Set.of(), scores, Routings.DAY, 1);

    Map<String, Long> cold = Routings.shares(Routings.placements(MANY, moment));
    assertEquals(0.5, cold.get("a") / (double) MANY, 0.03);

    scores.learn(Routings.call("a", 2, "1"), false);
    scores.learn(Routings.call("b", 1, "1"), false);
    List<Placement> warm = Routings.placements(MANY, moment);

    // The others keep the measurement of the slower one fresh.
    assertEquals(1 / 16.0, Routings.shares(warm).get("a") / (double) MANY, 0.02);
    Placement fast =
        warm.stream().filter(placement -> placement.pool().equals("b")).findFirst().orElseThrow();
    assertEquals("about 1.1 s", fast.reason());
    assertEquals(Map.of("a", "about 2.1 s"), Routings.rejected(fast));
    Placement probe =
        warm.stream().filter(placement -> placement.pool().equals("a")).findFirst().orElseThrow();
    assertEquals("about 2.1 s, to be measured", probe.reason());
  }

  @Test
  void followsARouteThatBecomesFaster() {
    Policy.Model model =
        Routings.plan(Routing.FASTEST, Routings.route("a", 1), Routings.route("b", 1));
    RouteScores scores = new RouteScores();
    scores.learn(Routings.call("a", 2, "1"), false);
    scores.learn(Routings.call("b", 1, "1"), false);
    for (int i = 0; i < 10; i++) {
      scores.learn(Routings.call("a", 0.2, "1"), false);
    }

    List<Placement> placements =
        Routings.placements(
            MANY,
            Routings.moment(Routings.policy(ANYWHERE, model), Set.of(), scores, Routings.DAY, 1));

    assertTrue(Routings.shares(placements).get("a") > MANY * 0.9);
  }

  @Test
  void leavesARouteOutsideOfTheResidencyAloneWhateverTheWay() {
    for (Routing routing : Routing.values()) {
      Policy.Model model =
          Routings.plan(
              routing,
              Routings.route("us-1", 100),
              Routings.route("eu-1", 1),
              Routings.route("x", 9));
      Policy policy = Routings.policy(Optional.of("eu"), model);

      Placement placement = Routings.placement(Routings.job(1), Routings.moment(policy, Set.of()));

      assertEquals("eu-1", placement.pool());
      assertEquals(
          Map.of(
              "us-1", "outside of residency eu, in us",
              "x", "outside of residency eu, in no region"),
          Routings.rejected(placement));
    }
  }

  @Test
  void holdsAJobWhosePoolsAreAwayAndTellsWhy() {
    Policy.Model model =
        Routings.plan(
            Routing.WEIGHTED, Routings.route("a", 1, "no"), Routings.route("b", 1, "yes"));

    RouteDecision decision = RoutePolicy.decide(Routings.job(1), without(model, "b"));

    assertEquals(
        new RouteDecision.Held(
            "provider",
            List.of(
                new RouteChoice.Rejected("a", "m-a", "its condition is false"),
                new RouteChoice.Rejected("b", "m-b", "the pool takes no work now"))),
        decision);
  }

  @Test
  void holdsAJobUntilTheTimeComes() {
    Policy.Model model = Routings.plan(Routing.WEIGHTED, Routings.route("a", 1, "never by day"));
    Policy policy = Routings.policy(ANYWHERE, model);
    RouteScores none = new RouteScores();

    assertInstanceOf(
        RouteDecision.Held.class,
        RoutePolicy.decide(
            Routings.job(1), Routings.moment(policy, Set.of(), none, Routings.DAY, 1)));
    assertEquals(
        "a",
        Routings.placement(
                Routings.job(1), Routings.moment(policy, Set.of(), none, Routings.NIGHT, 1))
            .pool());
  }

  @Test
  void aQueuedJobIsPlacedAnewWhenItsTimeHasTurned() {
    Policy.Model model =
        Routings.plan(
            Routing.PRIORITY,
            Routings.route("a", 1, "never by day"),
            Routings.route("b", 1, "yes"));
    Policy policy = Routings.policy(ANYWHERE, model);
    RouteScores none = new RouteScores();
    Job job = Routings.job(1);
    TaskState state = new TaskState();
    state.apply(job);

    state.place(job.id(), Routings.moment(policy, Set.of(), none, Routings.DAY, 1));
    assertEquals("b", state.nextRelease(policy, Routings.DAY).orElseThrow().placement().pool());
    Jobs.placeAnew(state, Routings.moment(policy, Set.of(), none, Routings.NIGHT, 1));

    assertEquals("a", state.nextRelease(policy, Routings.DAY).orElseThrow().placement().pool());
  }

  @Test
  void refusesAJobThatNoRouteMayEverTake() {
    Policy.Model model =
        Routings.plan(Routing.CHEAPEST, Routings.route("us-1", 1), Routings.route("eu-1", 1, "no"));
    Policy policy = Routings.policy(Optional.of("eu"), model);

    RouteDecision decision =
        RoutePolicy.decide(Routings.job(1), Routings.moment(policy, Set.of("eu-1", "us-1")));

    Failure failure = assertInstanceOf(RouteDecision.Refused.class, decision).failure();
    assertEquals(ErrorCode.NO_ROUTE, failure.code());
    assertEquals(
        "no route of its model may take this job: us-1: outside of residency eu, in us; eu-1: its"
            + " condition is false; change the request, or ask the operator for a route",
        failure.message());
  }

  @Test
  void aPlacementOfBeforeStandsOnlyAsLongAsItIsAllowed() {
    Policy.Model model = Routings.plan(Routing.PRIORITY, Routings.route("eu-1", 1, "never by day"));
    Policy policy = Routings.policy(Optional.of("eu"), model);
    RouteScores none = new RouteScores();
    RouteMoment night = Routings.moment(policy, Set.of(), none, Routings.NIGHT, 1);
    Placement placement = Routings.placement(Routings.job(1), night);

    assertTrue(RoutePolicy.stands(Routings.job(1), placement, night));
    assertFalse(
        RoutePolicy.stands(
            Routings.job(1), placement, Routings.moment(policy, Set.of(), none, Routings.DAY, 1)));
    assertFalse(
        RoutePolicy.stands(
            Routings.job(1),
            placement,
            Routings.moment(policy, Set.of("eu-1"), none, Routings.NIGHT, 1)));
    assertFalse(
        RoutePolicy.stands(
            Routings.job(1),
            placement,
            Routings.moment(
                Routings.policy(Optional.of("us"), model), Set.of(), none, Routings.NIGHT, 1)));
  }

  @Test
  void fallbacksKeepToResidencyAndConditionsAndTellWhatWasPassedOver() {
    Set<Policy.FallbackCause> down = Set.of(Policy.FallbackCause.DOWN);
    Policy.Model model =
        new Policy.Model(
            "m",
            Optional.empty(),
            List.of(Routings.route("eu-1", 1)),
            List.of(
                new Policy.Fallback("us-1", "m-us-1", down),
                new Policy.Fallback("eu-2", "m-eu-2", down, Optional.of("no")),
                new Policy.Fallback("eu-3", "m-eu-3", down, Optional.of("yes"))));
    RoutePlans plans = RoutePlans.of(Routings.policy(Optional.of("eu"), model), Routings.WORDS);

    RouteMoment moment =
        new RouteMoment(
            plans, PriceBook.of(plans.policy()), _ -> true, new RouteScores(), Routings.DAY, 0);
    Placement first = new Placement("eu-1", "m-eu-1", 5, "weight 1 of 1");
    Job running =
        Jobs.after(Jobs.after(Routings.job(1), new JobCommand.Release(first)), Jobs.claim(1, 7));
    Attempt failed =
        Attempt.reported(
            assertInstanceOf(Phase.Running.class, running.phase()),
            Jobs.failure(1, 7, 1, FailureCause.DOWN));

    RetryPolicy.Next next =
        RetryPolicy.decide(
            running.ended(failed, Optional.empty(), running.phase()),
            Jobs.failureOf(FailureCause.DOWN),
            new JobMachine.Moment(moment, 0.5, RetryBudgets.View.UNBOUNDED));

    Placement placement = assertInstanceOf(RetryPolicy.Next.Again.class, next).placement();
    assertEquals("eu-3", placement.pool());
    assertEquals("fallback", placement.reason());
    assertEquals(
        Map.of(
            "eu-1", "failed: down",
            "us-1", "outside of residency eu, in us",
            "eu-2", "its condition is false"),
        Routings.rejected(placement));
  }
}
