package dev.sluice.ingress.http;

import dev.sluice.contract.avro.JobResult;
import dev.sluice.contract.model.ErrorCode;
import dev.sluice.contract.model.Priority;
import dev.sluice.ingress.core.JobFacts;
import dev.sluice.ingress.core.Refusal;
import dev.sluice.ingress.core.RefusedException;
import dev.sluice.ingress.log.JobLog;
import dev.sluice.ingress.log.JobSignal;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import java.io.IOException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/// The wait for the single writer's word: an answer that names a job is given when its writer has
/// admitted it. Past the bound a job that is surely in the log is answered for all the same; what
/// its writer says later shows in the job.
final class Admission {
  static final HttpString PREFERENCE_APPLIED = new HttpString("Preference-Applied");

  /// What a job's writer says of a submission that never was a job.
  private static final Set<ErrorCode> UNBEGUN =
      EnumSet.of(
          ErrorCode.IDEMPOTENCY_KEY_REUSED,
          ErrorCode.UNAVAILABLE,
          ErrorCode.RATE_LIMITED,
          ErrorCode.BUDGET_EXCEEDED,
          ErrorCode.EXCEEDS_LIMIT,
          ErrorCode.UNPRICED_MODEL);

  private final JobLog log;
  private final JobJson json;
  private final Duration bound;

  Admission(JobLog log, JobJson json, Duration bound) {
    this.log = log;
    this.json = json;
    this.bound = bound;
  }

  /// Waits for admission, then as long as asked for the end.
  ///
  /// @return the terminal record if the job ended meanwhile
  /// @throws RefusedException when it is not known to be in the log
  Optional<JobResult> await(Submitter.Job job, Duration patience) {
    long began = System.nanoTime();
    boolean admitted = false;
    while (true) {
      Duration limit = admitted ? patience : bound.compareTo(patience) > 0 ? bound : patience;
      Duration left = limit.minusNanos(System.nanoTime() - began);
      Optional<JobSignal> signal = left.isPositive() ? job.watch().next(left) : Optional.empty();
      if (signal.isEmpty()) {
        if (!admitted) {
          pastTheBound(job);
        }
        return Optional.empty();
      }
      switch (signal.get()) {
        case JobSignal.Finished(JobResult result) -> {
          refuseUnbegun(result);
          return Optional.of(result);
        }
        case JobSignal.PublishFailed(String reason) ->
            throw CompletionEndpoint.notPublished(reason);
        case JobSignal.Erased() ->
            throw new RefusedException(Refusal.of(ErrorCode.NOT_FOUND, "the job was erased"));
        case JobSignal.StateChanged _, JobSignal.Parts _ -> admitted = true;
        case JobSignal.Published _, JobSignal.CallerGone _ -> {}
      }
    }
  }

  /// What its writer refused, for its key, for a limit or for want of room, never was a job.
  private static void refuseUnbegun(JobResult result) {
    ErrorCode code =
        result.getError() == null
            ? ErrorCode.INTERNAL_ERROR
            : ErrorCode.of(result.getError().getCode());
    if (UNBEGUN.contains(code)) {
      throw new RefusedException(Failures.refusalOf(result));
    }
  }

  private void pastTheBound(Submitter.Job job) {
    if (!job.watch().published()) {
      throw CompletionEndpoint.notPublished("no answer");
    }
    if (job.submission().getIdempotencyKey() != null) {
      // Only the writer knows which job the key names; sent again, the request finds it.
      throw new RefusedException(
          Refusal.unavailable("the job's writer has not answered yet; send the same key again"));
    }
    log.remember(asAsked(job));
  }

  /// 202 and the job.
  void accepted(Call call, Submitter.Job job) throws IOException {
    JobFacts facts = factsOf(job);
    call.identify(facts.id().text());
    call.with(Headers.LOCATION, "/v1/jobs/" + facts.id().text())
        .with(Headers.RETRY_AFTER, "1")
        .json(202, json.of(facts));
  }

  /// What is known of the job by now.
  JobFacts factsOf(Submitter.Job job) {
    return log.find(job.id())
        .map(known -> known.origin().model().isEmpty() ? withOrigin(known, job) : known)
        .orElseGet(() -> asAsked(job));
  }

  private static JobFacts asAsked(Submitter.Job job) {
    return withOrigin(JobFacts.unread(job.id(), job.submission().getTenant()), job);
  }

  private static JobFacts withOrigin(JobFacts facts, Submitter.Job job) {
    var submission = job.submission();
    return facts.withOrigin(
        new JobFacts.Origin(
            submission.getModel(),
            submission.getEndpoint(),
            Priority.valueOf(submission.getPriority().name()),
            submission.getDeadline(),
            submission.getTags(),
            new JobFacts.Size(
                submission.getEstimatedInputTokens(),
                JobFacts.limit(submission.getMaxOutputTokens())),
            new JobFacts.Whose(
                submission.getKeyId(),
                submission.getGroup() == null ? "" : submission.getGroup())));
  }
}
