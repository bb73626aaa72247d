package dev.sluice.router.core;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Which notices about a job a new owner sends again: those that its predecessor logged a
/// transition for but may not have delivered. Each is a function of the job's record, so it has the
/// identity it had the first time. Releases are not among them: they wait until the claims of that
/// time have been read.
public final class ResendPolicy {

  private ResendPolicy() {}

  /// What commits are known to have covered: all that was sent before one was delivered.
  public interface Commits {

    /// Whether all that an input record caused was delivered.
    boolean cover(LogPosition input);

    /// Whether all that a job's last record caused was delivered.
    boolean coverLastRecordOf(Job job);
  }

  public static List<Notice> decide(Job job, Commits commits) {
    List<Notice> again = new ArrayList<>();
    // A copy is younger than the submission that it shares.
    boolean told = job.isCopy() ? commits.coverLastRecordOf(job) : commits.cover(job.submission());
    if (!told) {
      again.add(new Notice.Admitted());
    }
    for (Attempt attempt : job.progress().attempts()) {
      settlement(job, attempt, commits).ifPresent(again::add);
    }
    switch (job.phase()) {
      case Phase.Waiting _ -> {
        if (job.transition() > 1 && !commits.coverLastRecordOf(job)) {
          again.add(new Notice.State());
        }
      }
      case Phase.Released _ -> {}
      case Phase.Running running -> {
        again.add(new Notice.State());
        again.add(Notice.Verdict.unasked(running, Notice.VerdictKind.RUN));
      }
      case Phase.Done done -> {
        if (job.cache().flatMap(CacheUse::hit).isPresent()) {
          again.add(new Notice.CacheCharge());
        }
        again.add(new Notice.Result());
        switch (done.lastCall()) {
          case Phase.LastCall.Accounted _, Phase.LastCall.Unclaimed _ -> {}
          case Phase.LastCall.Open(Phase.Running claim) ->
              again.add(Notice.Verdict.unasked(claim, Notice.VerdictKind.CANCEL));
          case Phase.LastCall.Lost(Attempt lost) -> again.add(new Notice.LostSettlement(lost));
        }
      }
    }
    return again;
  }

  private static Optional<Notice> settlement(Job job, Attempt attempt, Commits commits) {
    if (attempt.outcome().isEmpty()) {
      return Optional.of(new Notice.LostSettlement(attempt));
    }
    LogPosition outcome = attempt.outcome().get();
    return !job.done() && commits.cover(outcome)
        ? Optional.empty()
        : Optional.of(new Notice.Settlement(outcome, delivered(job, outcome)));
  }

  private static boolean delivered(Job job, LogPosition outcome) {
    return !job.isCopy()
        && job.phase() instanceof Phase.Done done
        && done.status() == Phase.Status.SUCCEEDED
        && done.outcome().equals(Optional.of(outcome));
  }
}
