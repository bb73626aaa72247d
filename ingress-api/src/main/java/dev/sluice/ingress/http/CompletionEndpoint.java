package dev.sluice.ingress.http;

import dev.sluice.contract.avro.JobResult;
import dev.sluice.contract.avro.JobStatus;
import dev.sluice.contract.model.ErrorCode;
import dev.sluice.ingress.core.Preference;
import dev.sluice.ingress.core.Refusal;
import dev.sluice.ingress.core.RefusedException;
import dev.sluice.ingress.core.Submitted;
import dev.sluice.ingress.json.BodyForm;
import dev.sluice.ingress.json.Endpoints;
import dev.sluice.ingress.log.JobSignal;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// An endpoint of a vendor's surface whose request is a job: the call waits for the result as a
/// gateway's does, streams it, or takes the job instead (`Prefer`).
final class CompletionEndpoint implements Endpoint {
  /// The router ends a job at its deadline; only if it is silent does the ingress speak for it.
  private static final Duration ROUTERS_WORD = Duration.ofSeconds(2);

  private static final byte[] NOT_QUEUED = {};

  private final String path;
  private final Surroundings around;
  private final Submitter submitter;
  private final Admission admission;
  private final CallerProbe probe;
  private final Abandonment abandonment;
  private final RouteMeters meters;

  CompletionEndpoint(
      String path,
      Surroundings around,
      Submitter submitter,
      Admission admission,
      CallerProbe probe,
      RouteMeters meters) {
    this.path = path;
    this.around = around;
    this.submitter = submitter;
    this.admission = admission;
    this.probe = probe;
    this.meters = meters;
    this.abandonment = new Abandonment(around.log(), around.config().timing().abandoned());
  }

  @Override
  public void serve(Call call) throws IOException {
    serve(call, BodyForm.read(path, call.body()));
  }

  void serve(Call call, Submitted asked) throws IOException {
    Preference preference = call.preference();
    if (preference.asked()) {
      later(call, asked, preference);
      return;
    }
    try (Submitter.Job job = submitter.submit(call, asked, true)) {
      call.attach(job.watch());
      probe.watch(call);
      try {
        if (asked.stream()) {
          stream(call, job);
        } else {
          await(call, job);
        }
      } finally {
        probe.forget(call);
      }
    }
  }

  private void stream(Call call, Submitter.Job job) {
    Follower follower = new Follower(around.log(), job.id(), job.watch(), 0, false);
    VendorStream stream = new VendorStream(around, call, follower, form(call, job), meters);
    if (!stream.serve(job.submission().getDeadline())) {
      abandonment.outlive(job.id(), job.submission().getTenant(), job.watch());
    }
  }

  private StreamForm form(Call call, Submitter.Job job) {
    return switch (path) {
      case Endpoints.RESPONSES -> new ResponsesForm(NOT_QUEUED);
      case Endpoints.MESSAGES -> new MessagesForm(call.requestId());
      default -> new ChatForm(job.submission().getIncludeUsage());
    };
  }

  /// The job is the answer, unless its result comes in time.
  private void later(Call call, Submitted asked, Preference preference) throws IOException {
    try (Submitter.Job job = submitter.submit(call, asked, false)) {
      Optional<JobResult> result = admission.await(job, preference.patience());
      call.with(Admission.PREFERENCE_APPLIED, preference.applied());
      if (result.isPresent() && preference.patience().isPositive()) {
        answer(call, result.get());
      } else {
        admission.accepted(call, job);
      }
    }
  }

  private void await(Call call, Submitter.Job job) throws IOException {
    Instant until = job.submission().getDeadline().plus(ROUTERS_WORD);
    while (true) {
      Duration left = Duration.between(around.clock().instant(), until);
      Optional<JobSignal> signal = left.isPositive() ? job.watch().next(left) : Optional.empty();
      if (signal.isEmpty()) {
        abandonment.cancel(job.id(), job.submission().getTenant());
        call.refuse(
            Refusal.of(ErrorCode.DEADLINE_EXCEEDED, "the job was not done before its deadline"));
        return;
      }
      switch (signal.get()) {
        case JobSignal.Finished(JobResult result) -> {
          submitter.rates().write(call);
          answer(call, result);
          return;
        }
        case JobSignal.PublishFailed(String reason) -> throw notPublished(reason);
        case JobSignal.Erased() ->
            throw new RefusedException(Refusal.of(ErrorCode.NOT_FOUND, "the job was erased"));
        case JobSignal.CallerGone() -> {
          call.abort();
          abandonment.outlive(job.id(), job.submission().getTenant(), job.watch());
          return;
        }
        case JobSignal.Published _, JobSignal.StateChanged _, JobSignal.Parts _ -> {}
      }
    }
  }

  private void answer(Call call, JobResult terminal) throws IOException {
    JobResult result = around.log().whole(terminal);
    CacheMarks.tell(call, result);
    ByteBuffer body = result.getResult();
    if (result.getStatus() == JobStatus.SUCCEEDED && body != null) {
      byte[] bytes = new byte[body.remaining()];
      body.duplicate().get(bytes);
      call.json(200, bytes);
    } else {
      Failures.answer(call, result);
    }
  }

  static RefusedException notPublished(String reason) {
    return new RefusedException(
        Refusal.unavailable(
            "the log did not confirm the job in time (" + reason + "); it may still run"));
  }
}
