package dev.sluice.metering.topology;

import java.time.Duration;

/// When counted jobs are forgotten.
///
/// @param horizon age of a job, from its creation to the newest ledger record, at which it may be
///   forgotten. It must exceed the longest life of a job (its input stays 8 days) and the time in
///   which its settlement can come again
/// @param pause how long a task runs before it forgets anything, so that what a router sends again
///   after a long standstill of everything is still known
/// @param every how often a step is taken
/// @param maxJobs forgotten in one step, so that no step holds up the ledger
public record ForgettingRule(Duration horizon, Duration pause, Duration every, int maxJobs) {
  public static final ForgettingRule DEFAULT =
      new ForgettingRule(
          Duration.ofDays(10), Duration.ofMinutes(10), Duration.ofSeconds(10), 20_000);
}
