package dev.sluice.router.core;

import dev.sluice.contract.model.ErrorCode;
import dev.sluice.contract.model.Policy;
import dev.sluice.contract.model.Policy.Fallback;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// Whether a failed attempt is followed by another, where and when.
///
/// A fallback for the typed cause goes at once to a route that this job has not failed on yet.
/// Otherwise a transient fault is tried again on the same route after an exponential back-off with
/// jitter, never before the provider's Retry-After.
public final class RetryPolicy {
  static final Duration FIRST_BACKOFF = Duration.ofMillis(250);
  static final Duration MAX_BACKOFF = Duration.ofSeconds(30);

  /// A Retry-After above it is believed only up to here.
  static final Duration MAX_RETRY_AFTER = Duration.ofMinutes(10);

  private static final int DEFAULT_MAX_ATTEMPTS = 4;

  private RetryPolicy() {}

  /// What follows a failure.
  public sealed interface Next {
    /// Try again, not before an instant.
    record Again(Instant notBefore, Placement placement) implements Next {}

    /// That was the last attempt.
    record GiveUp() implements Next {}
  }

  /// Decides after `attempt` failed.
  ///
  /// @param jitter a random number in 0..1
  public static Next decide(
      Job job, Placement tried, Failure failure, Policy policy, Instant now, double jitter) {
    int made = job.attempts().size() + 1;
    if (made >= maxAttempts(job, policy)) {
      return new Next.GiveUp();
    }
    Optional<Placement> fallback = fallback(job, tried, failure, policy);
    if (fallback.isPresent()) {
      return new Next.Again(now, fallback.get());
    }
    if (!failure.cause().transientFault()) {
      return new Next.GiveUp();
    }
    Instant notBefore = now.plus(wait(made, failure, jitter));
    if (notBefore.isAfter(job.deadline())) {
      return new Next.GiveUp();
    }
    return new Next.Again(
        notBefore, new Placement(tried.pool(), tried.model(), policy.version(), "retry"));
  }

  static int maxAttempts(Job job, Policy policy) {
    return policy.tenant(job.tenant()).map(Policy.Tenant::maxAttempts).orElse(DEFAULT_MAX_ATTEMPTS);
  }

  private static Optional<Placement> fallback(
      Job job, Placement tried, Failure failure, Policy policy) {
    var cause = failure.cause().fallbackCause();
    if (cause.isEmpty()) {
      return Optional.empty();
    }
    return policy.model(job.model()).stream()
        .flatMap(model -> model.fallback().stream())
        .filter(route -> route.when().contains(cause.get()))
        .filter(route -> policy.pool(route.pool()).isPresent())
        .filter(route -> !alreadyTried(job, tried, route))
        .findFirst()
        .map(route ->
            new Placement(
                route.pool(),
                RoutePolicy.providerModel(route.model(), job.model()),
                policy.version(),
                "fallback"));
  }

  private static boolean alreadyTried(Job job, Placement tried, Fallback route) {
    String model = RoutePolicy.providerModel(route.model(), job.model());
    return (tried.pool().equals(route.pool()) && tried.model().equals(model))
        || job.attempts().stream()
            .anyMatch(past -> past.pool().equals(route.pool()) && past.model().equals(model));
  }

  private static Duration wait(int made, Failure failure, double jitter) {
    if (failure.cause() == FailureCause.WORKER_LOST) {
      return Duration.ZERO;
    }
    long ceiling =
        Math.min(MAX_BACKOFF.toMillis(), FIRST_BACKOFF.toMillis() << Math.min(made - 1, 20));
    Duration backoff = Duration.ofMillis(ceiling / 2 + (long) (ceiling / 2.0 * jitter));
    Duration asked = failure.retryAfter().orElse(Duration.ZERO);
    if (asked.compareTo(MAX_RETRY_AFTER) > 0) {
      asked = MAX_RETRY_AFTER;
    }
    return asked.compareTo(backoff) > 0 ? asked : backoff;
  }

  /// The failure a job ends with, from the one of its last attempt.
  static Failure terminal(Failure last) {
    return last.cause() == FailureCause.WORKER_LOST
        ? Failure.of(
            ErrorCode.OUTCOME_UNKNOWN,
            FailureCause.WORKER_LOST,
            "the worker was lost after it may have called the provider; submit the job again if"
                + " a second call is acceptable")
        : last;
  }
}
