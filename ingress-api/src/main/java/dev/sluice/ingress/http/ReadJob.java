package dev.sluice.ingress.http;

import dev.sluice.contract.avro.JobResult;
import dev.sluice.contract.model.JobId;
import dev.sluice.ingress.core.JobFacts;
import dev.sluice.ingress.log.JobLog;
import dev.sluice.ingress.log.JobSignal;
import dev.sluice.ingress.log.JobWatch;
import io.undertow.util.Headers;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// `GET /v1/jobs/{id}`: the job now, or as soon as it has ended (`?wait=`). A reader that hangs up
/// changes nothing for the job.
final class ReadJob implements Endpoint {
  private final JobLog log;
  private final Jobs jobs;
  private final JobJson json;
  private final CallerProbe probe;

  ReadJob(JobLog log, Jobs jobs, JobJson json, CallerProbe probe) {
    this.log = log;
    this.jobs = jobs;
    this.json = json;
    this.probe = probe;
  }

  @Override
  public void serve(Call call) throws IOException {
    JobId id = jobs.idIn(call);
    Duration patience = Jobs.patience(call);
    call.identify(id.text());
    if (patience.isZero()) {
      show(call, jobs.of(call, id), null);
      return;
    }
    try (JobWatch watch = log.watch(id)) {
      JobFacts facts = jobs.of(call, id);
      if (facts.finished()) {
        show(call, facts, null);
        return;
      }
      call.attach(watch);
      probe.watch(call);
      JobResult result;
      try {
        result = end(watch, patience);
      } finally {
        probe.forget(call);
      }
      show(call, jobs.of(call, id), result);
    }
  }

  /// The terminal record; null when the job has not ended in time, or nobody waits any more.
  private static @Nullable JobResult end(JobWatch watch, Duration patience) {
    long until = System.nanoTime() + patience.toNanos();
    while (true) {
      Duration left = Duration.ofNanos(until - System.nanoTime());
      Optional<JobSignal> signal = left.isPositive() ? watch.next(left) : Optional.empty();
      if (signal.isEmpty() || signal.get() instanceof JobSignal.CallerGone) {
        return null;
      }
      if (signal.get() instanceof JobSignal.Finished(JobResult result)) {
        return result;
      }
      if (signal.get() instanceof JobSignal.Erased) {
        throw Jobs.absent();
      }
    }
  }

  private void show(Call call, JobFacts facts, @Nullable JobResult result) throws IOException {
    String etag = json.etag(facts);
    call.with(Headers.ETAG, etag).with(Headers.CACHE_CONTROL, "private, no-cache");
    boolean known =
        call.header("If-None-Match")
            .map(tags -> tags.equals("*") || tags.contains(etag))
            .orElse(false);
    if (known) {
      call.empty(304);
    } else if (facts.finished() && result != null) {
      call.json(200, json.of(facts, result));
    } else {
      call.json(200, json.of(facts));
    }
  }
}
