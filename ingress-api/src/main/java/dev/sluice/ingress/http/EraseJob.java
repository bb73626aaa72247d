package dev.sluice.ingress.http;

import dev.sluice.contract.avro.Command;
import dev.sluice.contract.avro.Erase;
import dev.sluice.contract.model.JobId;
import dev.sluice.ingress.core.JobFacts;
import dev.sluice.ingress.core.Refusal;
import dev.sluice.ingress.core.RefusedException;
import dev.sluice.ingress.json.JsonOut;
import dev.sluice.ingress.log.JobLog;
import dev.sluice.ingress.log.JobSignal;
import dev.sluice.ingress.log.JobWatch;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/// `DELETE /v1/jobs/{id}`: afterwards the job is unreadable everywhere.
final class EraseJob implements Endpoint {
  private final JobLog log;
  private final Jobs jobs;
  private final Duration bound;

  EraseJob(JobLog log, Jobs jobs, Duration bound) {
    this.log = log;
    this.jobs = jobs;
    this.bound = bound;
  }

  @Override
  public void serve(Call call) throws IOException {
    JobId id = jobs.idIn(call);
    JobFacts facts = jobs.of(call, id);
    call.identify(id.text());
    erase(id, facts.tenant());
    byte[] answer =
        new JsonOut(128)
            .beginObject()
            .field("id", id.text())
            .field("object", "job.deleted")
            .field("deleted", true)
            .endObject()
            .toBytes();
    call.json(200, answer);
  }

  /// Returns when this ingress shows the job no more.
  void erase(JobId id, String tenant) {
    try (JobWatch watch = log.watch(id)) {
      if (log.find(id).isEmpty()) {
        return;
      }
      Command command = new Command();
      command.setJobId(id.text());
      command.setTenant(tenant);
      command.setErase(new Erase("caller", id.replyPartition()));
      log.command(command);
      awaitErased(watch);
    }
  }

  private void awaitErased(JobWatch watch) {
    long until = System.nanoTime() + bound.toNanos();
    while (true) {
      Duration left = Duration.ofNanos(until - System.nanoTime());
      Optional<JobSignal> signal = left.isPositive() ? watch.next(left) : Optional.empty();
      if (signal.isEmpty()) {
        throw new RefusedException(
            Refusal.unavailable("the erasure is in the log but not yet confirmed; ask again"));
      }
      if (signal.get() instanceof JobSignal.Erased) {
        return;
      }
    }
  }
}
