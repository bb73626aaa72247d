package dev.sluice.router.topology;

import dev.sluice.contract.avro.Outcome;
import dev.sluice.contract.avro.Submission;
import dev.sluice.router.core.Attempt;
import dev.sluice.router.core.Job;
import dev.sluice.router.core.LogPosition;
import dev.sluice.router.core.Notice;
import dev.sluice.router.core.Phase;
import dev.sluice.router.topology.Outbox.InHand;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Which notices a new owner sends again: those that its predecessor logged a transition for but
/// may not have delivered. All that a commit covered was delivered; what comes twice has the same
/// identity. Releases are not among them: they wait until the claims of that time have been read.
final class Resend {
  /// Jobs whose input records are in memory at once, count.
  private static final int CHUNK = 100;

  private final LogReader reader;
  private final RouterSerdes serdes;
  private final TaskLog log;

  Resend(LogReader reader, RouterSerdes serdes, TaskLog log) {
    this.reader = reader;
    this.serdes = serdes;
    this.log = log;
  }

  /// Takes one step of the plan.
  interface Sender {
    void send(Job job, List<Notice> notices, InHand inHand);
  }

  /// One group of notices that need the same input records.
  private record Step(
      Job job,
      List<Notice> notices,
      Optional<LogPosition> submission,
      Optional<LogPosition> outcome) {}

  void plan(Collection<Job> jobs, Sender sender) {
    List<Step> steps = new ArrayList<>();
    for (Job job : jobs) {
      steps(job, steps);
      if (steps.size() >= CHUNK) {
        run(steps, sender);
        steps.clear();
      }
    }
    run(steps, sender);
  }

  private void steps(Job job, List<Step> steps) {
    boolean done = job.done();
    if (!log.wasCommitted(Inputs.index(job.submission().topic()), job.submission().offset())) {
      steps.add(step(job, new Notice.Admitted(), Optional.of(job.submission()), Optional.empty()));
    }
    for (Attempt attempt : job.attempts()) {
      attemptStep(job, attempt, done).ifPresent(steps::add);
    }
    switch (job.phase()) {
      case Phase.Running running -> {
        steps.add(step(job, new Notice.State(""), Optional.empty(), Optional.empty()));
        steps.add(step(job, run(running), Optional.empty(), Optional.empty()));
      }
      case Phase.Done ended ->
          steps.add(step(job, new Notice.Result(), Optional.empty(), ended.outcome()));
      case Phase.Waiting _, Phase.Released _ -> {}
    }
  }

  private Optional<Step> attemptStep(Job job, Attempt attempt, boolean done) {
    if (attempt.outcome().isEmpty()) {
      return Optional.of(
          step(
              job,
              new Notice.LostSettlement(attempt),
              Optional.of(job.submission()),
              Optional.empty()));
    }
    LogPosition outcome = attempt.outcome().get();
    if (!done && log.wasCommitted(Inputs.COMMANDS, outcome.offset())) {
      return Optional.empty();
    }
    return Optional.of(
        step(
            job,
            new Notice.Settlement(outcome, delivered(job, outcome)),
            Optional.empty(),
            Optional.of(outcome)));
  }

  private static boolean delivered(Job job, LogPosition outcome) {
    return job.phase() instanceof Phase.Done done
        && done.status() == Phase.Status.SUCCEEDED
        && done.outcome().equals(Optional.of(outcome));
  }

  private static Notice run(Phase.Running running) {
    return new Notice.Verdict(
        running.worker(),
        running.inboxPartition(),
        running.attempt(),
        running.claimId(),
        Notice.VerdictKind.RUN);
  }

  private static Step step(
      Job job, Notice notice, Optional<LogPosition> submission, Optional<LogPosition> outcome) {
    return new Step(job, List.of(notice), submission, outcome);
  }

  private void run(List<Step> steps, Sender sender) {
    Set<LogPosition> wanted = new HashSet<>();
    for (Step step : steps) {
      step.submission().ifPresent(wanted::add);
      step.outcome().ifPresent(wanted::add);
    }
    Map<LogPosition, byte[]> found = reader.read(wanted);
    for (Step step : steps) {
      Submission submission = step.submission().map(at -> submission(at, found)).orElse(null);
      Outcome outcome = step.outcome().map(at -> outcome(at, found)).orElse(null);
      boolean settles = step.notices().getFirst() instanceof Notice.Settlement;
      if (settles && (outcome == null || !outcome.getCalled())) {
        continue;
      }
      sender.send(step.job(), step.notices(), new InHand(submission, outcome));
    }
  }

  private @Nullable Submission submission(LogPosition at, Map<LogPosition, byte[]> found) {
    byte[] value = found.get(at);
    return value == null ? null : serdes.submission().deserializer().deserialize(at.topic(), value);
  }

  private @Nullable Outcome outcome(LogPosition at, Map<LogPosition, byte[]> found) {
    byte[] value = found.get(at);
    return value == null
        ? null
        : serdes.command().deserializer().deserialize(at.topic(), value).getOutcome();
  }
}
