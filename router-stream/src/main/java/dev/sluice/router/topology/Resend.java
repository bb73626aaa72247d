package dev.sluice.router.topology;

import dev.sluice.contract.avro.Outcome;
import dev.sluice.contract.avro.Submission;
import dev.sluice.router.core.Job;
import dev.sluice.router.core.LogPosition;
import dev.sluice.router.core.Notice;
import dev.sluice.router.core.Phase;
import dev.sluice.router.core.ResendPolicy;
import dev.sluice.router.topology.Outbox.InHand;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Sends again what a new owner's predecessor may not have delivered: reads the inputs that the
/// notices need back from the log, a chunk of them at a time.
final class Resend {
  private final LogReader reader;
  private final RouterSerdes serdes;
  private final ResendPolicy.Commits commits;

  Resend(LogReader reader, RouterSerdes serdes, ResendPolicy.Commits commits) {
    this.reader = reader;
    this.serdes = serdes;
    this.commits = commits;
  }

  /// Sends one notice.
  interface Sender {
    void send(Job job, Notice notice, InHand inHand);
  }

  /// One notice and the input records it is written from.
  private record Step(
      Job job, Notice notice, Optional<LogPosition> submission, Optional<LogPosition> outcome) {

    static Step of(Job job, Notice notice) {
      return switch (notice) {
        case Notice.Admitted _, Notice.LostSettlement _, Notice.CacheCharge _, Notice.Work _ ->
            new Step(job, notice, Optional.of(job.submission()), Optional.empty());
        case Notice.Settlement settlement ->
            new Step(job, notice, Optional.empty(), Optional.of(settlement.outcome()));
        case Notice.Result _ -> new Step(job, notice, Optional.empty(), outcomeOf(job));
        case Notice.State _, Notice.Verdict _ ->
            new Step(job, notice, Optional.empty(), Optional.empty());
      };
    }

    private static Optional<LogPosition> outcomeOf(Job job) {
      return job.phase() instanceof Phase.Done done ? done.outcome() : Optional.empty();
    }
  }

  void run(Stream<Job> jobs, Sender sender) {
    List<Step> steps = new ArrayList<>();
    jobs.forEach(job -> {
      for (Notice notice : ResendPolicy.decide(job, commits)) {
        steps.add(Step.of(job, notice));
      }
      if (steps.size() >= LogReader.TOGETHER) {
        send(steps, sender);
        steps.clear();
      }
    });
    send(steps, sender);
  }

  private void send(List<Step> steps, Sender sender) {
    Set<LogPosition> wanted = new HashSet<>();
    for (Step step : steps) {
      step.submission().ifPresent(wanted::add);
      step.outcome().ifPresent(wanted::add);
    }
    Map<LogPosition, byte[]> found = reader.read(wanted);
    for (Step step : steps) {
      Submission submission = step.submission().map(at -> submission(at, found)).orElse(null);
      Outcome outcome = step.outcome().map(at -> outcome(at, found)).orElse(null);
      boolean settles = step.notice() instanceof Notice.Settlement;
      if (!settles || (outcome != null && outcome.getCalled())) {
        sender.send(step.job(), step.notice(), new InHand(submission, outcome));
      }
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
