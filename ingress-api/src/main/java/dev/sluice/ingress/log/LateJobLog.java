package dev.sluice.ingress.log;

import dev.sluice.contract.avro.Command;
import dev.sluice.contract.avro.JobResult;
import dev.sluice.contract.avro.Submission;
import dev.sluice.contract.model.JobId;
import dev.sluice.ingress.core.JobFacts;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A log that may not be reached yet: HTTP listens before the broker answers, and says 503 until
/// then. Safe for use by many threads.
public final class LateJobLog implements JobLog {
  private volatile @Nullable JobLog reached;

  /// From now on every call goes to `log`.
  public void becomes(JobLog log) {
    reached = log;
  }

  private JobLog log() {
    JobLog known = reached;
    if (known == null) {
      throw new LogUnavailableException("the log is not reached yet; try again soon");
    }
    return known;
  }

  @Override
  public boolean ready() {
    JobLog known = reached;
    return known != null && known.ready();
  }

  @Override
  public int replyPartition() {
    return log().replyPartition();
  }

  @Override
  public JobWatch watch(JobId id) {
    return log().watch(id);
  }

  @Override
  public void publish(Submission submission, TraceContext trace, JobWatch watch) {
    log().publish(submission, trace, watch);
  }

  @Override
  public void command(Command command) {
    log().command(command);
  }

  @Override
  public void remember(JobFacts facts) {
    log().remember(facts);
  }

  @Override
  public Optional<JobFacts> find(JobId id) {
    return log().find(id);
  }

  @Override
  public List<JobFacts> list(JobQuery query) {
    return log().list(query);
  }

  @Override
  public Optional<JobResult> result(JobFacts finished) {
    return log().result(finished);
  }

  @Override
  public Optional<JobResult> summary(JobFacts finished) {
    return log().summary(finished);
  }

  @Override
  public Optional<Submission> request(JobFacts facts) {
    return log().request(facts);
  }

  @Override
  public List<JobSignal> replay(JobId id, int afterOrdinal) {
    return log().replay(id, afterOrdinal);
  }

  @Override
  public Mark markBefore(JobId id, int part) {
    return log().markBefore(id, part);
  }

  @Override
  public void settle(JobId id) {
    log().settle(id);
  }
}
