package dev.sluice.router.core;

import dev.sluice.contract.model.JobId;
import dev.sluice.router.core.JobDecision.Ignores;
import dev.sluice.router.core.JobDecision.Moves;
import dev.sluice.router.core.JobMachine.Moment;
import java.util.ArrayList;
import java.util.List;

/// Who waits for a job: repeats' callers come, callers leave, and with the last of them goes the
/// job.
final class Callers {
  /// Callers that are counted; a job that more wait for goes on whoever leaves.
  static final int MAX_WAITING = 32;

  private Callers() {}

  /// A repeat's caller waits as the first one does; one that does not wait keeps the job for good.
  static JobDecision join(Job job, JobCommand.Join join) {
    if (job.done() || job.waiting().isEmpty() || job.waiting().contains(join.by())) {
      return new Ignores();
    }
    List<JobId> waiting = new ArrayList<>(job.waiting());
    waiting.add(join.by());
    boolean counted = join.waits() && waiting.size() <= MAX_WAITING;
    return new Moves(job.awaitedBy(counted ? waiting : List.of()), List.of());
  }

  static JobDecision leave(Job job, JobCommand.Leave leave, Moment moment) {
    if (job.done() || !job.waiting().contains(leave.caller())) {
      return new Ignores();
    }
    List<JobId> waiting = new ArrayList<>(job.waiting());
    waiting.remove(leave.caller());
    return waiting.isEmpty()
        ? JobMachine.cancel(job, moment)
        : new Moves(job.awaitedBy(waiting), List.of());
  }
}
