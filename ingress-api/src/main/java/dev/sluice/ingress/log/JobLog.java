package dev.sluice.ingress.log;

import dev.sluice.contract.avro.CacheOutcome;
import dev.sluice.contract.avro.Command;
import dev.sluice.contract.avro.JobResult;
import dev.sluice.contract.avro.Submission;
import dev.sluice.contract.avro.Usage;
import dev.sluice.contract.avro.UsageSource;
import dev.sluice.contract.model.JobId;
import dev.sluice.ingress.core.JobFacts;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// The log as the endpoints need it. Safe for use by many threads; every method that waits may only
/// be called on a virtual thread, and throws [LogUnavailableException] when the log does not
/// answer.
public interface JobLog {
  Duration ON_ITS_WAY = Duration.ofSeconds(5);

  /// Whether jobs can be taken: the reply partitions are read up to now.
  boolean ready();

  /// A partition of ours for the answers to a new job.
  int replyPartition();

  /// Begins to watch a job, which need not exist yet. What happens after this call is seen.
  JobWatch watch(JobId id);

  /// Sends a submission. Returns at once: the watch is told how it went.
  void publish(Submission submission, TraceContext trace, JobWatch watch);

  /// Sends a command and waits until it is in the log.
  void command(Command command);

  /// Remembers a job that is in the log but that its writer has not admitted yet.
  void remember(JobFacts facts);

  /// What is known of a job; empty when it never was, or was erased.
  Optional<JobFacts> find(JobId id);

  /// The tenant's jobs that match, newest first, at most the query's limit.
  List<JobFacts> list(JobQuery query);

  /// The terminal record of a finished job, with its bodies; empty when the log no longer has it.
  Optional<JobResult> result(JobFacts finished);

  /// What was asked, with its body; empty when the log no longer has it, or its place is not known
  /// yet.
  Optional<Submission> request(JobFacts facts);

  /// What watchers have been shown after an ordinal, oldest first, at most a few hundred events:
  /// the caller asks again from the last one. Empty when there is nothing more yet.
  List<JobSignal> replay(JobId id, int afterOrdinal);

  /// A place among a job's events.
  ///
  /// @param ordinal number of the last event before it; 0 at the start
  /// @param parts how many parts of answers come before it
  record Mark(int ordinal, int parts) {
    public static final Mark START = new Mark(0, 0);
  }

  /// A place to read on from for whoever has seen the parts up to `part`, counted from 0: the last
  /// one with no more than `part` parts before it and at least one after it. No body is read.
  Mark markBefore(JobId id, int part);

  /// The terminal record of a finished job without its bodies; read from memory or disk here.
  Optional<JobResult> summary(JobFacts finished);

  /// A terminal record with the answer that it refers to where that is another job's; as it is
  /// where it holds its own, or where that answer is gone.
  default JobResult whole(JobResult result) {
    CacheOutcome cache = result.getCache();
    if (cache == null || cache.getAnsweredBy() == null || result.getResult() != null) {
      return result;
    }
    return JobId.parse(cache.getAnsweredBy())
        .flatMap(this::ended)
        .map(first -> {
          JobResult whole = JobResult.newBuilder(result).build();
          whole.setResult(first.getResult());
          Usage usage = first.getUsage();
          whole.setUsage(usage == null ? null : new Usage(usage.getTokens(), UsageSource.CACHE));
          return whole;
        })
        .orElse(result);
  }

  /// The end of a job that has ended, though what says so may still be on its way here.
  private Optional<JobResult> ended(JobId id) {
    try (JobWatch watch = watch(id)) {
      long until = System.nanoTime() + ON_ITS_WAY.toNanos();
      Optional<JobFacts> facts = find(id);
      if (facts.isEmpty() || facts.get().finished()) {
        return facts.flatMap(this::result);
      }
      while (true) {
        Duration left = Duration.ofNanos(until - System.nanoTime());
        Optional<JobSignal> signal = left.isPositive() ? watch.next(left) : Optional.empty();
        if (signal.isEmpty() || signal.get() instanceof JobSignal.Erased) {
          return Optional.empty();
        }
        if (signal.get() instanceof JobSignal.Finished(JobResult result)) {
          return Optional.of(result);
        }
      }
    }
  }

  /// Waits until the watchers of a job have been told all that was in the log at this call.
  void settle(JobId id);
}
