package dev.sluice.router.core;

import dev.sluice.router.core.limits.Spent;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What has been done for a job so far.
///
/// @param attempts ended attempts, oldest first; of those that were given back only the last few
/// @param owed sum owed to providers so far, USD; empty when a call had no price
/// @param startedAt claim of the first call that was surely made, else of the one that runs: a job
///   that was given back, or whose worker was lost, has not begun
/// @param spent what its answer used; empty until one is delivered
public record Progress(
    List<Attempt> attempts,
    Optional<BigDecimal> owed,
    Optional<Instant> startedAt,
    Optional<Spent> spent) {

  /// Of all jobs that no worker has claimed yet.
  public static final Progress NONE =
      new Progress(List.of(), Optional.of(BigDecimal.ZERO), Optional.empty(), Optional.empty());

  /// Attempts without a call that are remembered: a job may be given back as often as its pool goes
  /// down.
  static final int MAX_GIVEN_BACK = 8;

  public Progress {
    attempts = List.copyOf(attempts);
  }

  /// The same, as one object for all jobs of which nothing is done yet: a million may wait.
  public Progress shared() {
    return equals(NONE) ? NONE : this;
  }

  Progress started(Instant now) {
    return begun(attempts).isPresent()
        ? this
        : new Progress(attempts, owed, Optional.of(now), spent);
  }

  Progress answered(Optional<Spent> used) {
    return new Progress(attempts, owed, startedAt, used);
  }

  /// @param price what the attempt owes, USD; empty when its call had no price
  /// @param used what its answer used; empty when it delivered none
  Progress ended(Attempt attempt, Optional<BigDecimal> price, Optional<Spent> used) {
    List<Attempt> all = new ArrayList<>(attempts);
    all.add(attempt);
    if (all.stream().filter(Attempt::givenBack).count() > MAX_GIVEN_BACK) {
      all.remove(all.stream().filter(Attempt::givenBack).findFirst().orElseThrow());
    }
    return new Progress(all, owed.flatMap(sum -> price.map(sum::add)), begun(all), used);
  }

  /// When the first call that was surely made began.
  private Optional<Instant> begun(List<Attempt> ended) {
    return startedAt.filter(_ -> ended.stream().anyMatch(Attempt::surelyCalled));
  }

  /// When its first call began, or may have begun.
  public Optional<Instant> firstCallAt() {
    return attempts.stream()
        .filter(attempt -> attempt.called() && !attempt.surelyCalled())
        .findFirst()
        .flatMap(Attempt::startedAt)
        .filter(lost -> startedAt.isEmpty() || lost.isBefore(startedAt.get()))
        .or(() -> startedAt);
  }

  /// Whether a call may have been made for it.
  boolean called() {
    return !attempts.stream().allMatch(Attempt::givenBack);
  }

  boolean lostItsWorker() {
    return !attempts.isEmpty() && attempts.getLast().cause() == FailureCause.WORKER_LOST;
  }

  int nextAttempt() {
    return attempts.isEmpty() ? 1 : attempts.getLast().number() + 1;
  }
}
