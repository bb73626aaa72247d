package dev.sluice.ingress.core.callback;

import java.time.Instant;

/// What follows from an attempt.
public sealed interface DeliveryDecision {

  /// The receiver has it.
  record Delivered() implements DeliveryDecision {}

  /// Again, later.
  record Again(Instant due) implements DeliveryDecision {}

  /// The receiver wants nothing any more.
  record Gone() implements DeliveryDecision {}

  /// All attempts are made.
  record Exhausted() implements DeliveryDecision {}
}
