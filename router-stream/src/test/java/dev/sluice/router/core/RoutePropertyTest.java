package dev.sluice.router.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.model.Policy;
import dev.sluice.contract.model.Policy.FallbackCause;
import dev.sluice.contract.model.Policy.Routing;
import dev.sluice.router.core.RoutePolicy.RouteDecision;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Whatever the policy, the job, the time and the state of the pools: no job goes where it may not,
/// by no path, and what is not taken is accounted for.
class RoutePropertyTest {
  private static final List<String> POOLS = List.of("eu-1", "eu-2", "us-1", "us-2", "x", "y");
  private static final List<String> CONDITIONS = List.of("yes", "no", "never by day");
  private static final int POLICIES_PER_SEED = 300;
  private static final int JOBS_PER_POLICY = 20;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 5, 8, 13})
  void aJobGoesOnlyWhereItMay(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < POLICIES_PER_SEED; i++) {
      Policy policy = policy(random);
      RouteMoment moment = moment(random, policy);
      for (int number = 0; number < JOBS_PER_POLICY; number++) {
        Job job = job(random, number);
        String which = "seed " + seed + " policy " + i + " job " + number + " " + policy;
        switch (RoutePolicy.decide(job, moment)) {
          case RouteDecision.Routed(Placement placement) -> {
            assertTrue(mayTake(policy, placement.pool(), moment), which);
            assertTrue(RoutePolicy.stands(job, placement, moment), which);
            assertEquals(placement, Routings.placement(job, moment), which);
            complete(policy, placement, which);
          }
          case RouteDecision.Held(String reason, var rejected) -> {
            assertEquals("provider", reason);
            assertEquals(usedRoutes(policy), rejected.size(), which);
            assertFalse(anyMayTake(policy, moment), which);
          }
          case RouteDecision.Refused(Failure failure) ->
              assertFalse(anyMayTake(policy, moment), which + " " + failure);
        }
      }
    }
  }

  /// Ranking ways account for every route; a draw names those that may not be used.
  private static void complete(Policy policy, Placement placement, String which) {
    Policy.Model model = policy.models().get("m");
    List<RouteChoice.Rejected> rejected = placement.choice().rejected();
    assertTrue(
        rejected.stream()
            .noneMatch(one ->
                one.pool().equals(placement.pool()) && one.model().equals(placement.model())),
        which);
    assertEquals(model.routing().name().toLowerCase(Locale.ROOT), placement.choice().policy());
    if (model.routing() == Routing.PRIORITY || model.routing() == Routing.CHEAPEST) {
      assertEquals(usedRoutes(policy) - 1, rejected.size(), which);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {21, 22, 23, 24})
  void noAttemptOfAJobLeavesWhatItMayUse(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < POLICIES_PER_SEED; i++) {
      Policy policy = policy(random);
      RouteMoment moment = moment(random, policy);
      JobMachine.Moment now =
          new JobMachine.Moment(moment, random.nextDouble(), RetryBudgets.View.UNBOUNDED);
      Job job = job(random, i);
      TaskState state = new TaskState();
      state.apply(job);
      for (int step = 0; step < 12 && !job.done(); step++) {
        Optional<RouteDecision> decision = state.place(job.id(), later(moment, job));
        if (decision.isEmpty()
            || !(decision.get() instanceof RouteDecision.Routed(Placement placement))) {
          break;
        }
        String which = "seed " + seed + " policy " + i + " step " + step + " " + policy;
        assertTrue(mayTake(policy, placement.pool(), moment), which);
        job = moved(job, new JobCommand.Release(placement), now);
        state.apply(job);
        job = moved(job, Jobs.claim(job.nextAttempt(), 1 + step), now);
        state.apply(job);
        job = moved(job, Jobs.failure(job.nextAttempt(), 1 + step, step, cause(random)), now);
        state.apply(job);
      }
    }
  }

  /// The same moment once the job's wait is over.
  private static RouteMoment later(RouteMoment moment, Job job) {
    return job.phase() instanceof Phase.Waiting waiting && waiting.notBefore().isAfter(moment.now())
        ? new RouteMoment(
            RoutePlans.of(moment.plans().policy(), byHour(moment.now())),
            moment.prices(),
            moment.usable(),
            moment.scores(),
            waiting.notBefore(),
            moment.chance())
        : moment;
  }

  /// Conditions that answer as at an instant, whatever the time.
  private static java.util.function.Function<String, RouteCondition> byHour(Instant at) {
    return word ->
        new RouteCondition() {
          @Override
          public Optional<String> unmet(Job job, Instant now) {
            return Routings.WORDS.apply(word).unmet(job, at);
          }

          @Override
          public boolean timed() {
            return false;
          }
        };
  }

  private static Job moved(Job job, JobCommand command, JobMachine.Moment now) {
    if (JobMachine.decide(job, command, now) instanceof JobDecision.Moves moves) {
      return moves.after();
    }
    throw new AssertionError(command + " did not move " + job);
  }

  private static FailureCause cause(Random random) {
    return List.of(FailureCause.DOWN, FailureCause.THROTTLED, FailureCause.TIMEOUT)
        .get(random.nextInt(3));
  }

  private static Job job(Random random, int number) {
    return Routings.job(
        number,
        random.nextBoolean() ? Optional.of("s" + random.nextInt(5)) : Optional.empty(),
        random.nextBoolean() ? Map.of("user", "u" + random.nextInt(5)) : Map.of());
  }

  private static RouteMoment moment(Random random, Policy policy) {
    Set<String> away = new HashSet<>();
    POOLS.stream().filter(_ -> random.nextInt(4) == 0).forEach(away::add);
    RouteScores scores = new RouteScores();
    for (int i = random.nextInt(20); i > 0; i--) {
      String pool = POOLS.get(random.nextInt(POOLS.size()));
      scores.learn(
          random.nextBoolean()
              ? Routings.call(pool, random.nextDouble(), "0.1")
              : Routings.failure(pool, cause(random)),
          true);
    }
    Instant now = random.nextBoolean() ? Routings.DAY : Routings.NIGHT;
    return Routings.moment(policy, away, scores, now, random.nextLong());
  }

  private static Policy policy(Random random) {
    List<Policy.Route> routes = new ArrayList<>();
    List<Policy.Fallback> fallback = new ArrayList<>();
    for (String pool : POOLS) {
      if (random.nextInt(3) > 0) {
        int weight = random.nextInt(4);
        routes.add(
            random.nextBoolean()
                ? Routings.route(pool, weight)
                : Routings.route(pool, weight, CONDITIONS.get(random.nextInt(3))));
      } else {
        fallback.add(
            new Policy.Fallback(
                pool,
                "m-" + pool,
                Set.of(FallbackCause.DOWN, FallbackCause.THROTTLED),
                random.nextBoolean()
                    ? Optional.empty()
                    : Optional.of(CONDITIONS.get(random.nextInt(3)))));
      }
    }
    routes.add(new Policy.Route("x", "other", 1));
    Routing routing = Routing.values()[random.nextInt(Routing.values().length)];
    List<Policy.Price> prices = new ArrayList<>();
    for (String pool : List.of("eu-1", "us-1", "x")) {
      if (random.nextBoolean()) {
        prices.add(Routings.price(pool, "1", Integer.toString(random.nextInt(5))));
      }
    }
    Optional<String> residency =
        random.nextInt(3) > 0 ? Optional.of(random.nextBoolean() ? "eu" : "us") : Optional.empty();
    return Routings.policy(
        residency,
        new Policy.Model("m", Optional.empty(), routes, fallback, routing, Optional.of("user")),
        prices.toArray(Policy.Price[]::new));
  }

  private static int usedRoutes(Policy policy) {
    return (int)
        policy.models().get("m").routes().stream().filter(route -> route.weight() > 0).count();
  }

  private static boolean anyMayTake(Policy policy, RouteMoment moment) {
    return policy.models().get("m").routes().stream()
        .filter(route -> route.weight() > 0)
        .anyMatch(route -> open(policy, route.pool(), route.when(), moment));
  }

  private static boolean mayTake(Policy policy, String pool, RouteMoment moment) {
    Policy.Model model = policy.models().get("m");
    return model.routes().stream()
            .filter(route -> route.pool().equals(pool) && route.weight() > 0)
            .anyMatch(route -> open(policy, pool, route.when(), moment))
        || model.fallback().stream()
            .filter(next -> next.pool().equals(pool))
            .anyMatch(next -> open(policy, pool, next.condition(), moment));
  }

  private static boolean open(
      Policy policy, String pool, Optional<String> condition, RouteMoment moment) {
    Optional<String> residency = policy.tenants().get("acme").residency();
    boolean near = residency.isEmpty() || residency.equals(Routings.region(pool));
    boolean met =
        condition.isEmpty()
            || Routings.WORDS.apply(condition.get()).unmet(Jobs.waiting(1), moment.now()).isEmpty();
    return near && met && moment.usable().test(pool);
  }
}
