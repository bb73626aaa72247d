package dev.sluice.router.core;

import dev.sluice.contract.model.Policy;
import dev.sluice.contract.model.Policy.Routing;
import dev.sluice.contract.model.TokenKind;
import dev.sluice.contract.price.PriceBook;
import dev.sluice.router.core.RoutePolicy.RouteDecision;
import dev.sluice.router.core.limits.Demand;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/// Plans, jobs and moments for tests of routing. A condition is the word `no`, `never by day`, or
/// any other for one that holds.
final class Routings {
  static final Instant DAY = Instant.parse("2026-11-21T12:00:00Z");
  static final Instant NIGHT = Instant.parse("2026-11-21T23:00:00Z");

  private Routings() {}

  static final Function<String, RouteCondition> WORDS =
      word ->
          new RouteCondition() {
            @Override
            public Optional<String> unmet(Job job, Instant now) {
              boolean holds = timed() ? !now.equals(DAY) : !word.equals("no");
              return holds ? Optional.empty() : Optional.of("its condition is false");
            }

            @Override
            public boolean timed() {
              return word.equals("never by day");
            }
          };

  static Policy.Route route(String pool, int weight) {
    return new Policy.Route(pool, "m-" + pool, weight);
  }

  static Policy.Route route(String pool, int weight, String condition) {
    return new Policy.Route(
        pool, "m-" + pool, weight, Optional.of(condition), Optional.of("v-" + pool));
  }

  static Policy.Model plan(Routing routing, Policy.Route... routes) {
    return new Policy.Model(
        "m", Optional.empty(), List.of(routes), List.of(), routing, Optional.of("user"));
  }

  /// A policy of one model whose pools are named after their regions: `eu-1` is in `eu`, and what
  /// has no dash is nowhere.
  static Policy policy(Optional<String> residency, Policy.Model model, Policy.Price... prices) {
    Set<String> pools = new HashSet<>();
    model.routes().forEach(route -> pools.add(route.pool()));
    model.fallback().forEach(next -> pools.add(next.pool()));
    model.shadow().forEach(copy -> pools.add(copy.pool()));
    return new Policy(
        5,
        Map.of(
            "acme",
            new Policy.Tenant(
                "acme",
                List.of(),
                Map.of(),
                Policy.OnCrash.RETRY,
                10,
                Policy.OwnTopics.NONE,
                List.of(),
                residency,
                Policy.AnswerCache.DEFAULT,
                1)),
        pools.stream().collect(Collectors.toMap(id -> id, Routings::pool)),
        Map.of("m", model),
        List.of(prices));
  }

  static Optional<String> region(String pool) {
    int dash = pool.indexOf('-');
    return dash < 0 ? Optional.empty() : Optional.of(pool.substring(0, dash));
  }

  private static Policy.Pool pool(String id) {
    return new Policy.Pool(
        id,
        Policy.ProviderKind.SIMULATED,
        List.of(),
        Optional.empty(),
        64,
        Policy.Timeouts.DEFAULT,
        Set.of("chat"),
        Policy.Simulation.DEFAULT,
        region(id),
        Optional.empty(),
        Policy.Affinity.NONE);
  }

  static Policy.Price price(String pool, String input, String output) {
    return new Policy.Price(
        "v1",
        pool,
        "*",
        Instant.EPOCH,
        Map.of(TokenKind.INPUT, new BigDecimal(input), TokenKind.OUTPUT, new BigDecimal(output)));
  }

  static Job job(int number) {
    return job(number, Optional.empty(), Map.of());
  }

  static Job job(int number, Optional<String> session, Map<String, String> tags) {
    return Jobs.like(
        Jobs.waiting(number)
            .asking(new Demand("", Map.of(), 1_000, 100, 1, false, Optional.empty())),
        Delivery.kept(0),
        session,
        Optional.empty(),
        Optional.empty(),
        Optional.of(
            new RouteFacts("/v1/chat/completions", 1_000, OptionalLong.of(100), tags, Map.of())));
  }

  static RouteMoment moment(Policy policy, Set<String> away) {
    return moment(policy, away, new RouteScores(), DAY, 1);
  }

  static RouteMoment moment(
      Policy policy, Set<String> away, RouteScores scores, Instant now, long chance) {
    return new RouteMoment(
        RoutePlans.of(policy, WORDS),
        PriceBook.of(policy),
        pool -> !away.contains(pool),
        scores,
        now,
        chance);
  }

  static Placement placement(Job job, RouteMoment moment) {
    if (RoutePolicy.decide(job, moment) instanceof RouteDecision.Routed(Placement placement)) {
      return placement;
    }
    throw new AssertionError("not routed: " + RoutePolicy.decide(job, moment));
  }

  /// A call that delivered.
  static RouteScores.Call call(String pool, double seconds, String usd) {
    return new RouteScores.Call(
        "m",
        pool,
        "m-" + pool,
        FailureCause.NONE,
        Optional.of(Duration.ofMillis(100)),
        Duration.ofMillis(100 + (long) (seconds * 1_000)),
        256,
        Optional.of(new BigDecimal(usd)));
  }

  static RouteScores.Call failure(String pool, FailureCause cause) {
    return new RouteScores.Call(
        "m",
        pool,
        "m-" + pool,
        cause,
        Optional.empty(),
        Duration.ofMillis(5),
        0,
        Optional.of(BigDecimal.ZERO));
  }

  /// Whys of what was rejected, by pool.
  static Map<String, String> rejected(Placement placement) {
    return placement.choice().rejected().stream()
        .collect(Collectors.toMap(RouteChoice.Rejected::pool, RouteChoice.Rejected::why));
  }

  /// How often each pool is chosen for so many jobs.
  static Map<String, Long> shares(List<Placement> placements) {
    return placements.stream()
        .collect(Collectors.groupingBy(Placement::pool, Collectors.counting()));
  }

  static List<Placement> placements(int jobs, RouteMoment moment) {
    List<Placement> placements = new ArrayList<>();
    for (int number = 0; number < jobs; number++) {
      placements.add(placement(job(number), moment));
    }
    return placements;
  }
}
