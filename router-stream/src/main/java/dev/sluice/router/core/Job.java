package dev.sluice.router.core;

import dev.sluice.contract.model.JobId;
import dev.sluice.contract.model.Priority;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// One live job after a transition: facts and pointers, never prompts or answers.
///
/// @param submission where the submission is in the log
/// @param deadline no provider call starts after it
/// @param estimatedTokens what it counts in the fairness account, tokens
/// @param stream whether deltas are wanted
/// @param attached whether a connection waited for it at submission
/// @param session stickiness key
/// @param repeat by what a repeat of it is known
/// @param waiting submissions whose callers wait for it, its own and its repeats'; when the last
///   has left it is cancelled. Empty when it goes on whoever waits
/// @param callback who is told of its end; empty when nobody is
/// @param transition number of its last transition, from 1
/// @param attempts ended attempts, oldest first
/// @param owed sum owed to providers so far, USD; empty when a call had no price
/// @param startedAt first claim
public record Job(
    JobId id,
    String tenant,
    Priority priority,
    String model,
    LogPosition submission,
    Instant deadline,
    int replyPartition,
    long estimatedTokens,
    boolean stream,
    boolean attached,
    Optional<String> session,
    Optional<RepeatKey> repeat,
    List<JobId> waiting,
    Optional<Callback> callback,
    int transition,
    List<Attempt> attempts,
    Optional<BigDecimal> owed,
    Optional<Instant> startedAt,
    Phase phase) {

  public Job {
    waiting = List.copyOf(waiting);
    attempts = List.copyOf(attempts);
  }

  /// Who waits for a job that only its own caller can be waiting for.
  public static List<JobId> ownCaller(JobId id, boolean attached) {
    return attached ? List.of(id) : List.of();
  }

  /// The number of the next attempt.
  public int nextAttempt() {
    return attempts.size() + 1;
  }

  public boolean done() {
    return phase instanceof Phase.Done;
  }

  /// The claim whose call may be running now, also after the job itself has ended.
  public Optional<Phase.Running> openClaim() {
    return switch (phase) {
      case Phase.Running running -> Optional.of(running);
      case Phase.Done done ->
          done.lastCall() instanceof Phase.LastCall.Open(Phase.Running claim)
              ? Optional.of(claim)
              : Optional.empty();
      case Phase.Waiting _, Phase.Released _ -> Optional.empty();
    };
  }

  /// The release whose work record may still lie in a work topic, also after the job itself has
  /// ended.
  public Optional<Phase.Released> openRelease() {
    return switch (phase) {
      case Phase.Released released -> Optional.of(released);
      case Phase.Done done ->
          done.lastCall() instanceof Phase.LastCall.Unclaimed(Phase.Released release)
              ? Optional.of(release)
              : Optional.empty();
      case Phase.Waiting _, Phase.Running _ -> Optional.empty();
    };
  }

  /// Why it waits: held by name, or another attempt follows; empty while it merely waits its turn.
  public Optional<String> waitReason() {
    if (!(phase instanceof Phase.Waiting waiting)) {
      return Optional.empty();
    }
    boolean lost = !attempts.isEmpty() && attempts.getLast().cause() == FailureCause.WORKER_LOST;
    return waiting
        .holdReason()
        .or(() -> waiting.next().map(next -> lost ? "worker_lost" : next.reason()));
  }

  Job moved(Phase to) {
    return next(attempts, owed, startedAt, to);
  }

  /// The same job with other callers that wait for it.
  Job awaitedBy(List<JobId> callers) {
    return with(repeat, callers).moved(phase);
  }

  /// The same job, of which no repeat is known any more.
  public Job withoutRepeat() {
    return with(Optional.empty(), waiting);
  }

  private Job with(Optional<RepeatKey> key, List<JobId> callers) {
    return new Job(
        id,
        tenant,
        priority,
        model,
        submission,
        deadline,
        replyPartition,
        estimatedTokens,
        stream,
        attached,
        session,
        key,
        callers,
        callback,
        transition,
        attempts,
        owed,
        startedAt,
        phase);
  }

  Job started(Instant now, Phase.Running to) {
    return next(attempts, owed, startedAt.or(() -> Optional.of(now)), to);
  }

  /// The job after an attempt ended, with what that attempt owes.
  Job ended(Attempt attempt, Optional<BigDecimal> price, Phase to) {
    List<Attempt> all = new ArrayList<>(attempts);
    all.add(attempt);
    return next(all, owed.flatMap(sum -> price.map(sum::add)), startedAt, to);
  }

  /// The next transition: what a submission says never changes.
  private Job next(
      List<Attempt> made, Optional<BigDecimal> owes, Optional<Instant> started, Phase to) {
    return new Job(
        id,
        tenant,
        priority,
        model,
        submission,
        deadline,
        replyPartition,
        estimatedTokens,
        stream,
        attached,
        session,
        repeat,
        waiting,
        callback,
        transition + 1,
        made,
        owes,
        started,
        to);
  }
}
