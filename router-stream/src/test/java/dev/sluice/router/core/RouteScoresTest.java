package dev.sluice.router.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.model.Policy;
import dev.sluice.contract.model.Policy.Routing;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RouteScoresTest {
  private static final Policy POLICY =
      Routings.policy(
          Optional.empty(),
          Routings.plan(
              Routing.BANDIT,
              Routings.route("a", 1),
              Routings.route("b", 1),
              Routings.route("c", 1)));

  /// Routes and learns for a while, and says where the last thousand jobs went.
  private static Map<String, Long> lastThousand(
      long seed, int jobs, Function<String, RouteScores.Call> world) {
    Random random = new Random(seed);
    RouteScores scores = new RouteScores();
    List<Placement> last = new java.util.ArrayList<>();
    for (int number = 0; number < jobs; number++) {
      Placement placement =
          Routings.placement(
              Routings.job(number),
              Routings.moment(POLICY, Set.of(), scores, Routings.DAY, random.nextLong()));
      scores.learn(world.apply(placement.pool()), true);
      if (number >= jobs - 1_000) {
        last.add(placement);
      }
    }
    return Routings.shares(last);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void theBanditLeavesARouteThatFails(long seed) {
    Random luck = new Random(seed);

    Map<String, Long> shares =
        lastThousand(
            seed,
            3_000,
            pool ->
                pool.equals("b") || luck.nextInt(10) < 3
                    ? Routings.call(pool, 1, "0.001")
                    : Routings.failure(pool, FailureCause.DOWN));

    assertTrue(shares.get("b") > 900, shares.toString());
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void ofRoutesThatDeliverTheBanditPrefersTheFasterAndTheCheaper(long seed) {
    Map<String, RouteScores.Call> world =
        Map.of(
            "a", Routings.call("a", 10, "0.001"),
            "b", Routings.call("b", 10, "0.010"),
            "c", Routings.call("c", 1, "0.001"));

    Map<String, Long> shares = lastThousand(seed, 6_000, world::get);

    assertTrue(shares.get("c") > shares.getOrDefault("a", 0L), shares.toString());
    assertTrue(shares.get("c") > shares.getOrDefault("b", 0L), shares.toString());
  }

  @Test
  void theBanditTriesEveryRouteWhileItKnowsNothing() {
    Random random = new Random(5);
    List<Placement> placements = new java.util.ArrayList<>();
    for (int number = 0; number < 3_000; number++) {
      placements.add(
          Routings.placement(
              Routings.job(number),
              Routings.moment(
                  POLICY, Set.of(), new RouteScores(), Routings.DAY, random.nextLong())));
    }

    Routings.shares(placements).values().forEach(share -> assertEquals(1_000, share, 120));
  }

  @Test
  void theSameChanceGivesTheSameRoute() {
    RouteMoment moment = Routings.moment(POLICY, Set.of(), new RouteScores(), Routings.DAY, 77);

    assertEquals(
        Routings.placement(Routings.job(1), moment), Routings.placement(Routings.job(1), moment));
  }

  @Test
  void whatIsNotTheRoutesDoingTeachesNothing() {
    RouteScores scores = new RouteScores();
    for (FailureCause cause :
        List.of(FailureCause.TOO_LONG, FailureCause.REFUSED, FailureCause.CANCELLED)) {
      for (int i = 0; i < 1_000; i++) {
        scores.learn(Routings.failure("a", cause), true);
      }
    }

    double sum = 0;
    SplittableRandom chance = new SplittableRandom(1);
    for (int i = 0; i < 2_000; i++) {
      sum += scores.sample("m", "a", "m-a", chance);
    }
    assertEquals(0.5, sum / 2_000, 0.03);
  }

  @Test
  void measuresTheWaitForTheFirstTokenAndThePace() {
    RouteScores scores = new RouteScores();
    // 0.1 s to the first token, then 256 tokens in 2 s.
    scores.learn(Routings.call("a", 2, "1"), false);

    assertEquals(2.1, scores.seconds("a", "m-a"), 1e-9);
  }

  @Test
  void measuresCallsThatDoNotStreamByTheirPaceAlone() {
    RouteScores scores = new RouteScores();
    scores.learn(
        new RouteScores.Call(
            "m",
            "a",
            "m-a",
            FailureCause.NONE,
            Optional.empty(),
            Duration.ofSeconds(3),
            128,
            Optional.of(BigDecimal.ONE)),
        false);

    assertEquals(6.0, scores.seconds("a", "m-a"), 1e-9);
  }

  @Test
  void failuresAreNotMeasured() {
    RouteScores scores = new RouteScores();
    scores.learn(Routings.failure("a", FailureCause.DOWN), false);

    assertTrue(Double.isNaN(scores.seconds("a", "m-a")));
  }
}
