package dev.sluice.router.core;

import java.time.Instant;
import java.util.Optional;

/// When a route may be used. Bounded in cost and without effects: the same job at the same time
/// gets the same answer.
public interface RouteCondition {

  /// Why the route may not be used; empty when it may. A condition that cannot be evaluated does
  /// not hold, and says why.
  Optional<String> unmet(Job job, Instant now);

  /// Whether the answer depends on the time.
  boolean timed();
}
