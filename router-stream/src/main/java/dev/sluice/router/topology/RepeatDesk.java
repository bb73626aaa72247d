package dev.sluice.router.topology;

import dev.sluice.contract.model.ErrorCode;
import dev.sluice.contract.model.JobId;
import dev.sluice.router.core.Failure;
import dev.sluice.router.core.FailureCause;
import dev.sluice.router.core.Job;
import dev.sluice.router.core.RepeatDecision;
import dev.sluice.router.core.Repeats;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What one task knows of repeats, the time it is known by, and what its log keeps of it: a key is
/// part of its job's record while the job lives, and that record shrinks to the key when the job is
/// forgotten (ADR 0014). Owned by the stream thread.
final class RepeatDesk {
  static final Failure CONFLICT =
      Failure.of(
          ErrorCode.IDEMPOTENCY_KEY_REUSED,
          FailureCause.REFUSED,
          "this idempotency key belongs to another request; send a new key with a new request");
  static final Failure FULL =
      Failure.of(
          ErrorCode.UNAVAILABLE,
          FailureCause.REFUSED,
          "too many idempotency keys are in use; try again later, or without one");

  private final Repeats repeats;
  private final TaskLog log;
  private final Map<JobId, Repeats.Joined> joined = new HashMap<>();

  /// The broker's time, as far as it was read.
  private Instant logTime = Instant.EPOCH;

  RepeatDesk(Repeats repeats, TaskLog log) {
    this.repeats = repeats;
    this.log = log;
  }

  /// Takes what the log keeps of jobs that ended; live ones follow with [#apply].
  void restored(TransitionStore.Restored restored) {
    restored.remembered.values().forEach(repeats::apply);
    joined.putAll(restored.joined);
  }

  /// @param at when the broker took the record that was read
  void reads(Instant at) {
    logTime = at.isAfter(logTime) ? at : logTime;
  }

  /// What a submission is that is not a live job.
  RepeatDecision decide(Job job, boolean retry) {
    return job.repeat()
        .map(key -> repeats.decide(job.id(), key, retry, logTime))
        .orElseGet(RepeatDecision.First::new);
  }

  /// A submission is a repeat.
  Repeats.Joined join(Job repeat, JobId first) {
    Repeats.Joined said = new Repeats.Joined(repeat.id(), repeat.tenant(), first);
    log.join(said);
    joined.put(repeat.id(), said);
    return said;
  }

  /// Repeats whose answer may not be delivered.
  Collection<Repeats.Joined> joined() {
    return joined.values();
  }

  /// A job has changed.
  void apply(Optional<Job> before, Job after) {
    if (after.repeat().isEmpty()) {
      before.ifPresent(repeats::forget);
    }
    repeats.apply(after);
  }

  /// The end of a job is delivered: of most nothing is kept, of some what a repeat must find.
  void retire(Job ended) {
    Optional<Repeats.Remembered> kept = repeats.afterEnd(ended, logTime);
    if (kept.isPresent()) {
      log.remember(kept.get());
      repeats.apply(kept.get());
    } else {
      log.forget(ended.id());
      repeats.forget(ended);
    }
  }

  /// A job must look as if it had never been.
  void erase(JobId id) {
    repeats
        .remembered(id)
        .ifPresent(kept -> {
          log.forget(id);
          repeats.forget(kept);
        });
  }

  /// Writes anew what is kept of a job that is not live.
  void rewrite(JobId id) {
    Repeats.Joined repeat = joined.get(id);
    if (repeat != null) {
      log.join(repeat);
    } else {
      repeats.remembered(id).ifPresentOrElse(log::remember, () -> log.forget(id));
    }
  }

  /// A commit has ended: ids of which nothing needs to be kept any more.
  List<JobId> committed() {
    List<JobId> over = new ArrayList<>(repeats.expire(logTime));
    over.addAll(joined.keySet());
    joined.clear();
    return over;
  }
}
