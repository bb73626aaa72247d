package dev.sluice.router.core;

import static java.util.Locale.ROOT;

import dev.sluice.contract.model.ErrorCode;
import dev.sluice.contract.model.Policy;
import dev.sluice.router.core.JobMachine.Moment;
import dev.sluice.router.core.RouteChoice.Rejected;
import dev.sluice.router.core.RoutePolicy.RouteDecision;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Whether a failed attempt is followed by another, where and when.
///
/// A fallback for the typed cause goes at once to a route that this job has not failed on yet; so
/// does a job whose provider was down or silent, to another route of its plan. Otherwise a
/// transient fault is tried again on the same route after an exponential back-off with jitter,
/// never before the provider's Retry-After, nor before the retry budget allows. Where that route's
/// pool is known to be down, it is tried again on another that was down or silent before, and is
/// well.
///
/// An attempt that was given back uncalled, because its pool was known to be down or its rate limit
/// used up, counts as none.
public final class RetryPolicy {
  static final Duration FIRST_BACKOFF = Duration.ofMillis(250);
  static final Duration MAX_BACKOFF = Duration.ofSeconds(30);

  /// A Retry-After above it is believed only up to here.
  static final Duration MAX_RETRY_AFTER = Duration.ofMinutes(10);

  /// Why a job waits longer than its back-off.
  public static final String OUT_OF_BUDGET = "retry_budget";

  private static final int DEFAULT_MAX_ATTEMPTS = 4;

  private RetryPolicy() {}

  /// What follows a failure.
  public sealed interface Next {
    /// Try again, not before an instant.
    record Again(Instant notBefore, Placement placement) implements Next {}

    /// That was the last attempt.
    record GiveUp() implements Next {}
  }

  /// Decides after an attempt failed.
  ///
  /// @param job with that attempt as its last
  public static Next decide(Job job, Failure failure, Moment moment) {
    Attempt tried = job.progress().attempts().getLast();
    if (job.isCopy() && !tried.givenBack()) {
      // One call is compared with one call.
      return new Next.GiveUp();
    }
    int calls =
        (int) job.progress().attempts().stream().filter(attempt -> !attempt.givenBack()).count();
    if (!tried.givenBack() && calls >= maxAttempts(job, moment.policy())) {
      return new Next.GiveUp();
    }
    Optional<Placement> elsewhere =
        job.isCopy() ? Optional.empty() : elsewhere(job, tried, failure, moment);
    if (elsewhere.isPresent()) {
      return new Next.Again(moment.now(), elsewhere.get());
    }
    return failure.cause().transientFault()
        ? sameAgain(job, tried, Math.max(1, calls), failure, moment)
        : new Next.GiveUp();
  }

  private static Next sameAgain(Job job, Attempt tried, int calls, Failure failure, Moment moment) {
    Instant notBefore = moment.now().plus(wait(calls, failure, moment.jitter()));
    if (notBefore.isAfter(job.deadline())) {
      return new Next.GiveUp();
    }
    Placement placement =
        new Placement(
            tried.pool(), tried.model(), moment.policy().version(), "retry", choiceOf(job));
    Optional<Placement> before = knownDown(tried, failure) ? before(job, moment) : Optional.empty();
    // One more call that the provider would not have had without the failure.
    if (tried.surelyCalled() || before.isPresent()) {
      placement = before.orElse(placement);
      Instant earned = moment.now().plus(moment.budget().wait(job.tenant(), placement.pool()));
      // A budget delays; it never makes a job miss its deadline.
      if (earned.isAfter(notBefore) && earned.isBefore(job.deadline())) {
        notBefore = earned;
        placement =
            new Placement(
                placement.pool(),
                placement.model(),
                placement.policyVersion(),
                OUT_OF_BUDGET,
                placement.choice());
      }
    }
    return new Next.Again(notBefore, placement);
  }

  /// A route through a pool that was down or silent when this job was there, and is well now.
  private static Optional<Placement> before(Job job, Moment moment) {
    Set<String> other =
        job.progress().attempts().stream()
            .filter(attempt -> attempt.givenBack() || !mayBeWellAgain(attempt.cause()))
            .map(Attempt::pool)
            .collect(Collectors.toSet());
    return routed(job, moment.routes().without(other));
  }

  private static boolean mayBeWellAgain(FailureCause cause) {
    return cause == FailureCause.DOWN || cause == FailureCause.TIMEOUT;
  }

  private static Optional<Placement> routed(Job job, RouteMoment open) {
    return RoutePolicy.decide(job, open) instanceof RouteDecision.Routed(Placement placement)
        ? Optional.of(placement)
        : Optional.empty();
  }

  /// Of an attempt that was given back its worker knows before this router does.
  private static boolean knownDown(Attempt tried, Failure failure) {
    return tried.givenBack() && failure.cause() == FailureCause.DOWN;
  }

  private static RouteChoice choiceOf(Job job) {
    return job.phase() instanceof Phase.Running running
        ? running.placement().choice()
        : RouteChoice.UNTOLD;
  }

  static int maxAttempts(Job job, Policy policy) {
    return policy.tenant(job.tenant()).map(Policy.Tenant::maxAttempts).orElse(DEFAULT_MAX_ATTEMPTS);
  }

  private static Optional<Placement> elsewhere(
      Job job, Attempt tried, Failure failure, Moment moment) {
    RouteMoment open =
        knownDown(tried, failure) ? moment.routes().without(Set.of(tried.pool())) : moment.routes();
    List<Rejected> failed =
        List.of(
            new Rejected(
                tried.pool(),
                tried.model(),
                "failed: " + failure.cause().name().toLowerCase(ROOT)));
    Optional<Placement> fallback =
        failure.cause().fallbackCause().flatMap(cause -> Detour.fallback(job, cause, failed, open));
    return fallback.isPresent() ? fallback : otherRoute(job, failure, open);
  }

  /// Another route of the plan, through a pool that this job has not failed on.
  private static Optional<Placement> otherRoute(Job job, Failure failure, RouteMoment open) {
    if (!mayBeWellAgain(failure.cause())) {
      return Optional.empty();
    }
    Set<String> failedOn =
        job.progress().attempts().stream()
            .filter(attempt -> !attempt.givenBack())
            .map(Attempt::pool)
            .collect(Collectors.toSet());
    return routed(job, open.without(failedOn));
  }

  private static Duration wait(int calls, Failure failure, double jitter) {
    if (failure.cause() == FailureCause.WORKER_LOST) {
      return Duration.ZERO;
    }
    long ceiling =
        Math.min(MAX_BACKOFF.toMillis(), FIRST_BACKOFF.toMillis() << Math.min(calls - 1, 20));
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
