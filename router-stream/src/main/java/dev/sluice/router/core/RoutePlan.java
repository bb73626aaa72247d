package dev.sluice.router.core;

import dev.sluice.contract.model.Policy;
import dev.sluice.contract.model.Policy.Model;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/// What a model name stands for, made ready for decisions: conditions compiled, regions looked up.
/// Immutable.
///
/// @param routes those that can be used at all, in the plan's order
/// @param weight sum of their weights
/// @param fallback in the order in which they are tried; one for each of the model's
/// @param shadow where copies go; one for each of the model's
/// @param asksFacts whether a decision needs a job's [RouteFacts]
record RoutePlan(
    Model model,
    List<Way> routes,
    long weight,
    List<Way> fallback,
    List<Way> shadow,
    boolean asksFacts) {

  /// One way that a job can go.
  ///
  /// @param hash spreads sessions over the ways
  /// @param reason why it was drawn, where nothing stood against the others
  /// @param choice how it was chosen, where nothing was rejected
  record Way(
      String pool,
      String model,
      int weight,
      Optional<String> variant,
      Optional<RouteCondition> condition,
      Optional<String> region,
      long hash,
      String reason,
      RouteChoice choice) {

    /// Whether this is where a placement goes.
    ///
    /// @param asked the caller's name for the model
    boolean leadsTo(Placement placement, String asked) {
      return pool.equals(placement.pool()) && provider(asked).equals(placement.model());
    }

    /// The name sent to the provider: a route's `*` passes the caller's own on.
    String provider(String asked) {
      return model.equals("*") ? asked : model;
    }
  }

  /// @param compile makes a condition ready
  static RoutePlan of(Model model, Policy policy, Function<String, RouteCondition> compile) {
    String word = model.routing().name().toLowerCase(Locale.ROOT);
    long weight = model.routes().stream().mapToLong(Policy.Route::weight).sum();
    List<Way> routes = new ArrayList<>();
    for (Policy.Route route : model.routes()) {
      if (route.weight() > 0) {
        routes.add(
            new Way(
                route.pool(),
                route.model(),
                route.weight(),
                route.variant(),
                route.when().map(compile),
                region(policy, route.pool()),
                RouteHash.of(route.pool() + "\n" + route.model()),
                "weight " + route.weight() + " of " + weight,
                new RouteChoice(word, route.variant(), List.of())));
      }
    }
    List<Way> fallback = new ArrayList<>();
    for (Policy.Fallback next : model.fallback()) {
      fallback.add(
          new Way(
              next.pool(),
              next.model(),
              0,
              Optional.empty(),
              next.condition().map(compile),
              region(policy, next.pool()),
              0,
              "fallback",
              new RouteChoice(word, Optional.empty(), List.of())));
    }
    List<Way> shadow = model.shadow().stream().map(one -> shadow(one, policy, compile)).toList();
    boolean conditions =
        Stream.of(routes, fallback, shadow)
            .flatMap(List::stream)
            .anyMatch(way -> way.condition().isPresent());
    return new RoutePlan(
        model,
        List.copyOf(routes),
        weight,
        List.copyOf(fallback),
        shadow,
        conditions || model.assignBy().isPresent() || model.routing() == Policy.Routing.CHEAPEST);
  }

  private static Way shadow(
      Policy.Shadow one, Policy policy, Function<String, RouteCondition> compile) {
    return new Way(
        one.pool(),
        one.model(),
        0,
        Optional.empty(),
        one.condition().map(compile),
        region(policy, one.pool()),
        RouteHash.of("shadow\n" + one.pool() + "\n" + one.model()),
        "shadow",
        RouteChoice.UNTOLD);
  }

  private static Optional<String> region(Policy policy, String pool) {
    return policy.pool(pool).flatMap(Policy.Pool::region);
  }

  /// Whether a decision can change with the time alone.
  boolean timed() {
    return routes.stream()
        .anyMatch(way -> way.condition().filter(RouteCondition::timed).isPresent());
  }
}
