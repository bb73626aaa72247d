package dev.sluice.router.core;

import dev.sluice.contract.model.Policy;
import dev.sluice.contract.price.PriceBook;
import java.time.Instant;
import java.util.Set;
import java.util.function.Predicate;

/// What a routing decision goes by, besides the job.
///
/// @param usable whether a pool can take work now
/// @param scores what ended calls have taught
/// @param chance a random number, for policies that try things out
public record RouteMoment(
    RoutePlans plans,
    PriceBook prices,
    Predicate<String> usable,
    RouteScores scores,
    Instant now,
    long chance) {

  /// A moment at which nothing has been learnt and nothing is drawn, under a policy without
  /// conditions.
  public static RouteMoment plain(Policy policy, Predicate<String> usable, Instant now) {
    return new RouteMoment(
        RoutePlans.of(policy), PriceBook.of(policy), usable, new RouteScores(), now, 0);
  }

  /// The same moment without these pools.
  RouteMoment without(Set<String> pools) {
    return pools.isEmpty()
        ? this
        : new RouteMoment(
            plans, prices, pool -> !pools.contains(pool) && usable.test(pool), scores, now, chance);
  }
}
