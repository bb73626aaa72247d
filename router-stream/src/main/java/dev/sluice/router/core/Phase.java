package dev.sluice.router.core;

import dev.sluice.contract.model.Control;
import dev.sluice.contract.model.Controls;
import dev.sluice.router.core.limits.Block;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Where a live job is. A job goes Waiting → Released → Running → Done, back to Waiting for a
/// retry, and may end from anywhere; Done never changes.
public sealed interface Phase {

  /// In the tenant's backlog. Everything about it can still change for free.
  ///
  /// @param notBefore earliest release; the past when it may go now
  /// @param next where a fallback or retry wants it; empty to route by the policy in force
  /// @param hold why it must not run now; empty when it merely waits its turn
  record Waiting(Instant notBefore, Optional<Placement> next, Optional<Hold> hold)
      implements Phase {

    /// It merely waits its turn, as nearly all do: one object for all of them.
    public static final Waiting ITS_TURN =
        new Waiting(Instant.EPOCH, Optional.empty(), Optional.empty());

    /// The same phase, shared where it is the usual one.
    public Waiting shared() {
      return equals(ITS_TURN) ? ITS_TURN : this;
    }
  }

  /// Why a job must not run now.
  ///
  /// @param reason the word that callers see: `budget`, `rate`, `capacity`, `provider`, `paused` or
  ///   `draining`
  /// @param by the limit or the control that holds it; empty where none does
  /// @param until when it may go on, as far as is known
  /// @param rejected why no route could be taken, where that is what holds it
  record Hold(
      String reason,
      Optional<String> by,
      Optional<Instant> until,
      List<RouteChoice.Rejected> rejected) {
    public Hold {
      rejected = List.copyOf(rejected);
    }

    /// No route can be taken now.
    public static Hold provider(List<RouteChoice.Rejected> rejected) {
      return new Hold("provider", Optional.empty(), Optional.empty(), rejected);
    }

    /// The same, or by order, where one of the routes leads to a pool that is drained.
    public static Hold noRoute(List<RouteChoice.Rejected> rejected, Controls controls) {
      Optional<String> drained =
          rejected.stream()
              .filter(route -> controls.draining().contains(route.pool()))
              .map(route -> new Control.Pool(route.pool()).label())
              .findFirst();
      return drained.isPresent()
          ? new Hold("draining", drained, Optional.empty(), rejected)
          : provider(rejected);
    }

    /// Somebody holds it back.
    static Hold control(Control control) {
      return new Hold("paused", Optional.of(control.target().label()), Optional.empty(), List.of());
    }

    /// A limit has no room for it now.
    public static Hold limit(Block block) {
      return new Hold(block.reason(), Optional.of(block.key()), block.fitsAt(), List.of());
    }

    /// Whether it is the same hold, whatever its end is expected to be.
    boolean sameAs(Hold other) {
      return reason.equals(other.reason) && by.equals(other.by) && rejected.equals(other.rejected);
    }
  }

  /// Sent to a pool's work topic, not yet claimed.
  ///
  /// @param attempt from 1
  /// @param release how often this attempt was sent, from 1
  record Released(Placement placement, int attempt, int release, Instant at) implements Phase {

    /// As an ended job keeps it.
    Released untold() {
      return new Released(placement.untold(), attempt, release, at);
    }

    Running claimed(JobCommand.Claim by, Instant at) {
      return new Running(
          placement, attempt, release, by.worker(), by.inboxPartition(), by.claimId(), at);
    }
  }

  /// Claimed: the worker calls, or is about to.
  record Running(
      Placement placement,
      int attempt,
      int release,
      String worker,
      int inboxPartition,
      long claimId,
      Instant since)
      implements Phase {

    /// As an ended job keeps it.
    Running untold() {
      return new Running(
          placement.untold(), attempt, release, worker, inboxPartition, claimId, since);
    }
  }

  /// Ended. Kept until its outputs are surely delivered and its last call is accounted for.
  ///
  /// @param placement where the last attempt ran
  /// @param claimId claim that held it at its end, 0 when none
  /// @param outcome where the outcome is that ended it; empty when none did
  /// @param failure why it did not succeed
  /// @param lastCall the only part that may still change
  record Done(
      Status status,
      Optional<Placement> placement,
      long claimId,
      Optional<LogPosition> outcome,
      Optional<Failure> failure,
      Instant at,
      LastCall lastCall)
      implements Phase {

    /// Ended while no worker held it.
    ///
    /// @param lastCall whether a worker may still take it from a work topic
    static Done unclaimed(Status status, Failure failure, Instant at, LastCall lastCall) {
      return new Done(
          status, Optional.empty(), 0, Optional.empty(), Optional.of(failure), at, lastCall);
    }

    /// Ended by an answer that was kept.
    static Done answered(Instant at) {
      return new Done(
          Status.SUCCEEDED,
          Optional.empty(),
          0,
          Optional.empty(),
          Optional.empty(),
          at,
          new LastCall.Accounted());
    }

    /// Taken from the worker that held it.
    ///
    /// @param lastCall whether that worker may still report
    static Done taken(Status status, Running from, Failure failure, Instant at, LastCall lastCall) {
      return new Done(
          status,
          Optional.of(from.placement()),
          from.claimId(),
          Optional.empty(),
          Optional.of(failure),
          at,
          lastCall);
    }

    /// Ended by the outcome of the worker that held it.
    static Done reported(
        Status status,
        Running by,
        JobCommand.Outcome outcome,
        Optional<Failure> failure,
        Instant at) {
      return new Done(
          status,
          Optional.of(by.placement()),
          by.claimId(),
          Optional.of(outcome.position()),
          failure,
          at,
          new LastCall.Accounted());
    }

    Done with(LastCall now) {
      return new Done(status, placement, claimId, outcome, failure, at, now);
    }
  }

  /// What is known of the call that may have been running when its job ended, or may yet begin.
  sealed interface LastCall {
    /// There was none, or its settlement is written and needs nothing more of the job.
    record Accounted() implements LastCall {}

    /// Its work record is out, and the worker that takes it may call before it hears of the end.
    record Unclaimed(Released release) implements LastCall {}

    /// Its worker was told to stop and has not said what it used.
    record Open(Running claim) implements LastCall {}

    /// Its worker was lost before it said so.
    record Lost(Attempt attempt) implements LastCall {}
  }

  /// The terminal states.
  enum Status {
    SUCCEEDED,
    FAILED,
    CANCELLED,
    EXPIRED
  }
}
