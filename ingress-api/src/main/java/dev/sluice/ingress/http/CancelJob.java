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
    try (JobWatch watch = log.watch(id)) {
      JobFacts facts = jobs.of(call, id);
      call.identify(id.text());
      if (!facts.finished()) {
        log.command(Abandonment.command(id, facts.tenant(), "caller"));
        awaitEnd(watch);
        facts = jobs.of(call, id);
      }
      call.json(200, json.of(facts));
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
