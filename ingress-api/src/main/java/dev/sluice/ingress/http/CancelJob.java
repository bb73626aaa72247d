package dev.sluice.ingress.http;

import dev.sluice.contract.model.JobId;
import dev.sluice.ingress.core.JobFacts;
import dev.sluice.ingress.log.JobLog;
import dev.sluice.ingress.log.JobSignal;
import dev.sluice.ingress.log.JobWatch;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/// `POST /v1/jobs/{id}/cancel`: answers with the job once it is cancelled; a finished job stays as
/// it is.
final class CancelJob implements Endpoint {
  private final JobLog log;
  private final Jobs jobs;
  private final JobJson json;
  private final Duration bound;

  CancelJob(JobLog log, Jobs jobs, JobJson json, Duration bound) {
    this.log = log;
    this.jobs = jobs;
    this.json = json;
    this.bound = bound;
  }

  @Override
  public void serve(Call call) throws IOException {
    JobId id = jobs.idIn(call);
    JobFacts facts = jobs.of(call, id);
    call.identify(id.text());
    end(id, facts.tenant());
    call.json(200, json.of(jobs.of(call, id)));
  }

  /// Cancels a job that has not ended, and waits a while for its end.
  void end(JobId id, String tenant) {
    try (JobWatch watch = log.watch(id)) {
      if (log.find(id).filter(JobFacts::finished).isEmpty()) {
        log.command(Abandonment.command(id, tenant, "caller"));
        awaitEnd(watch);
      }
    }
  }

  private void awaitEnd(JobWatch watch) {
    long until = System.nanoTime() + bound.toNanos();
    while (true) {
      Duration left = Duration.ofNanos(until - System.nanoTime());
      Optional<JobSignal> signal = left.isPositive() ? watch.next(left) : Optional.empty();
      if (signal.isEmpty() || signal.get() instanceof JobSignal.Finished) {
        return;
      }
    }
  }
}
