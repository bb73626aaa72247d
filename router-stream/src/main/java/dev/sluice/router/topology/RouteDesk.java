package dev.sluice.router.topology;

import dev.sluice.contract.avro.Command;
import dev.sluice.contract.avro.Outcome;
import dev.sluice.contract.avro.Submission;
import dev.sluice.contract.avro.Usage;
import dev.sluice.contract.model.JobId;
import dev.sluice.contract.model.TokenKind;
import dev.sluice.router.core.Failure;
import dev.sluice.router.core.FailureCause;
import dev.sluice.router.core.Job;
import dev.sluice.router.core.JobCommand;
import dev.sluice.router.core.LogPosition;
import dev.sluice.router.core.RouteFacts;
import dev.sluice.router.core.RouteMoment;
import dev.sluice.router.core.RouteScores;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.apache.kafka.common.serialization.Serde;

/// What routing goes by in one task: the rules, what ended calls have taught, and what submissions
/// say. Owned by the stream thread.
final class RouteDesk {
  /// Submissions read back in one tick, so that a change of the policy does not stall the inputs.
  private static final int MAX_RECALLED_PER_TICK = 500;

  /// How often routes that depend on the time are looked at again: no time zone's hour begins
  /// elsewhere than at a quarter.
  private static final Duration QUARTER = Duration.ofMinutes(15);

  private final SplittableRandom random;
  private final RouteScores scores = new RouteScores();
  private final Set<JobId> forgotten = new LinkedHashSet<>();
  private long quarter = -1;

  RouteDesk(SplittableRandom random) {
    this.random = random;
  }

  RouteMoment moment(TaskView.Rules rules, Instant now) {
    return new RouteMoment(
        rules.plans(),
        rules.prices(),
        rules.usablePools()::contains,
        scores,
        now,
        random.nextLong());
  }

  /// Learns from a call that ended, unless it was made for a copy.
  ///
  /// @param asked what the outcome says to its job
  void learn(Command command, JobCommand.Outcome asked, TaskView.Rules rules) {
    Outcome outcome = command.getOutcome();
    if (outcome == null || !asked.called() || outcome.getContext().getShadowOf() != null) {
      return;
    }
    Usage usage = outcome.getUsage();
    Map<String, Long> tokens = usage == null ? Map.of() : usage.getTokens();
    Instant first = outcome.getFirstTokenAt();
    String model = outcome.getContext().getModel();
    scores.learn(
        new RouteScores.Call(
            model,
            outcome.getContext().getPool(),
            outcome.getContext().getProviderModel(),
            asked.failure().map(Failure::cause).orElse(FailureCause.NONE),
            asked.streamed() && first != null
                ? Optional.of(Duration.between(asked.startedAt(), first))
                : Optional.empty(),
            Duration.between(asked.startedAt(), asked.finishedAt()),
            tokens.getOrDefault(TokenKind.OUTPUT.key(), 0L)
                + tokens.getOrDefault(TokenKind.REASONING.key(), 0L),
            asked.price()),
        rules.plans().learns(model));
  }

  /// A job with what routing asks of its submission, if it asks anything.
  static Job informed(Job job, Submission submission, TaskView.Rules rules) {
    return rules.plans().lacksFacts(job) ? job.knowing(facts(submission)) : job;
  }

  private static RouteFacts facts(Submission submission) {
    return new RouteFacts(
        submission.getEndpoint(),
        submission.getEstimatedInputTokens(),
        RouteChoices.limit(submission.getMaxOutputTokens()),
        submission.getTags(),
        submission.getRequestHeaders());
  }

  /// Notes a job that cannot be placed before its submission is read back: it was admitted when its
  /// plan asked nothing.
  void forgot(JobId id) {
    forgotten.add(id);
  }

  /// Reads submissions back for jobs that wait for that. What retention has removed says nothing.
  void recall(
      Function<JobId, Optional<Job>> jobs,
      LogReader reader,
      Serde<Submission> serde,
      BiConsumer<JobId, JobCommand> decide) {
    if (forgotten.isEmpty()) {
      return;
    }
    List<Job> due = new ArrayList<>();
    Iterator<JobId> waiting = forgotten.iterator();
    while (waiting.hasNext() && due.size() < MAX_RECALLED_PER_TICK) {
      jobs.apply(waiting.next()).ifPresent(due::add);
      waiting.remove();
    }
    Map<LogPosition, byte[]> found = reader.read(due.stream().map(Job::submission).toList());
    for (Job job : due) {
      byte[] value = found.get(job.submission());
      RouteFacts facts =
          value == null
              ? new RouteFacts(
                  "", job.estimatedTokens(), RouteChoices.limit(null), Map.of(), Map.of())
              : facts(serde.deserializer().deserialize(job.submission().topic(), value));
      decide.accept(job.id(), new JobCommand.Recall(facts));
    }
  }

  /// Whether routes that depend on the time must be looked at again.
  boolean turned(TaskView.Rules rules, Instant now) {
    long current = now.getEpochSecond() / QUARTER.toSeconds();
    boolean turned = quarter >= 0 && current != quarter && rules.plans().timed();
    quarter = current;
    return turned;
  }
}
