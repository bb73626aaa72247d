package dev.sluice.router.topology;

import dev.sluice.contract.model.JobId;
import dev.sluice.contract.model.Policy;
import dev.sluice.router.core.Answers;
import dev.sluice.router.core.CacheRule;
import dev.sluice.router.core.CacheUse;
import dev.sluice.router.core.Job;
import java.time.Instant;
import java.util.Optional;

/// The answers of one task that may be given again, and what its log keeps of them: part of the
/// job's record while that job is there, a record of their own afterwards (ADR 0022). Owned by the
/// stream thread.
final class AnswerDesk {
  private final Answers answers = new Answers();
  private final TaskLog log;

  AnswerDesk(TaskLog log) {
    this.log = log;
  }

  void restored(TransitionStore.Restored restored) {
    restored.answers.values().forEach(answers::apply);
    restored.jobs.values().forEach(image -> apply(image.job()));
  }

  /// The answer that a submission is given instead of a call; empty when there is none.
  Optional<CacheUse.Hit> hit(Job job, Policy policy, Instant now) {
    return CacheRule.hit(job, answers, policy, now);
  }

  /// A job has changed.
  void apply(Job after) {
    Answers.of(after).ifPresent(answers::apply);
  }

  /// The end of a job is delivered and its record goes: before it does, its answer gets one of its
  /// own.
  void retire(Job ended) {
    Answers.of(ended).filter(answers::holds).ifPresent(log::keep);
  }

  /// A job must look as if it had never been.
  void erase(JobId id) {
    answers.forget(id).forEach(log::drop);
  }

  /// Lets time pass.
  void tick(Instant now) {
    answers.expire(now).forEach(log::drop);
  }

  /// Answers that are kept, count.
  int size() {
    return answers.size();
  }
}
