package dev.sluice.ingress.http;

import dev.sluice.contract.avro.Command;
import dev.sluice.contract.avro.PriorityClass;
import dev.sluice.contract.avro.Reprioritise;
import dev.sluice.contract.model.ErrorCode;
import dev.sluice.contract.model.JobId;
import dev.sluice.ingress.core.DeadlineRule;
import dev.sluice.ingress.core.JobFacts;
import dev.sluice.ingress.core.Refusal;
import dev.sluice.ingress.core.RefusedException;
import dev.sluice.ingress.json.UrgencyForm;
import dev.sluice.ingress.log.JobLog;
import dev.sluice.ingress.log.JobWatch;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/// `POST /v1/jobs/{id}/reprioritise`: another class or deadline for a job that waits. 200 once that
/// is so, 409 for one that has begun or ended; 202 where its writer has not said so in time, or has
/// released it already.
final class ReprioritiseJob implements Endpoint {
  /// Longest wait for the writer's word. One that has released the job says nothing.
  private static final Duration BOUND = Duration.ofSeconds(1);

  private final JobLog log;
  private final Jobs jobs;
  private final JobJson json;
  private final InstantSource clock;

  ReprioritiseJob(JobLog log, Jobs jobs, JobJson json, InstantSource clock) {
    this.log = log;
    this.jobs = jobs;
    this.json = json;
    this.clock = clock;
  }

  @Override
  public void serve(Call call) throws IOException {
    JobId id = jobs.idIn(call);
    UrgencyForm form = UrgencyForm.read(call.body(), clock.instant());
    form.deadline().ifPresent(deadline -> requireKept(id, deadline));
    JobFacts facts = jobs.of(call, id);
    call.identify(facts.id().text());
    try (JobWatch watch = log.watch(facts.id())) {
      requireWaiting(jobs.of(call, id));
      if (!holds(jobs.of(call, id), form)) {
        log.command(command(facts, form));
        awaitChange(call, id, form, watch);
      }
    }
    JobFacts after = jobs.of(call, id);
    call.json(holds(after, form) ? 200 : 202, json.of(after));
  }

  /// What was asked stays in the log for a while from when it was asked.
  private static void requireKept(JobId id, Instant deadline) {
    if (deadline.isAfter(id.createdAt().plus(DeadlineRule.LONGEST))) {
      throw new RefusedException(
          Refusal.field("/deadline", "deadline must be within seven days of created_at"));
    }
  }

  private static void requireWaiting(JobFacts facts) {
    boolean waits =
        switch (facts.status()) {
          case QUEUED, HELD -> true;
          case RUNNING, SUCCEEDED, FAILED, CANCELLED, EXPIRED -> false;
        };
    if (!waits) {
      throw new RefusedException(
          Refusal.of(
              ErrorCode.NOT_WAITING, "the job is " + facts.status().key() + " and waits no more"));
    }
  }

  private static boolean holds(JobFacts facts, UrgencyForm form) {
    JobFacts.Origin origin = facts.origin();
    return form.priority().map(origin.priority()::equals).orElse(true)
        && form.deadline().map(origin.deadline()::equals).orElse(true);
  }

  private void awaitChange(Call call, JobId id, UrgencyForm form, JobWatch watch) {
    long until = System.nanoTime() + BOUND.toNanos();
    while (!holds(jobs.of(call, id), form)) {
      Duration left = Duration.ofNanos(until - System.nanoTime());
      if (!left.isPositive() || watch.next(left).isEmpty()) {
        return;
      }
      requireWaiting(jobs.of(call, id));
    }
  }

  private static Command command(JobFacts facts, UrgencyForm form) {
    Command command = new Command();
    command.setJobId(facts.id().text());
    command.setTenant(facts.tenant());
    command.setReprioritise(record(form));
    return command;
  }

  static Reprioritise record(UrgencyForm form) {
    return new Reprioritise(
        form.priority().map(priority -> PriorityClass.valueOf(priority.name())).orElse(null),
        form.deadline().orElse(null));
  }
}
