package dev.sluice.ingress.http;

import dev.sluice.contract.avro.JobEvent;
import dev.sluice.contract.avro.JobResult;
import dev.sluice.contract.model.JobId;
import dev.sluice.ingress.core.JobFacts;
import dev.sluice.ingress.json.JsonOut;
import dev.sluice.ingress.log.JobLog;
import dev.sluice.ingress.log.JobSignal;
import dev.sluice.ingress.log.JobWatch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/// `GET /v1/jobs/{id}/events`: what happened and happens to a job, from the start or after a
/// number, as often as asked. All of it comes from the log, so every ingress tells the same, also
/// after a restart.
final class JobEvents implements Endpoint {
  private static final int RETRY_MILLIS = 1_000;

  private final JobLog log;
  private final Jobs jobs;
  private final CallerProbe probe;
  private final Duration heartbeat;
  private final Outlook outlook;

  JobEvents(JobLog log, Jobs jobs, CallerProbe probe, Duration heartbeat, Outlook outlook) {
    this.log = log;
    this.jobs = jobs;
    this.probe = probe;
    this.heartbeat = heartbeat;
    this.outlook = outlook;
  }

  @Override
  public void serve(Call call) throws IOException {
    JobId id = jobs.idIn(call);
    int after =
        call.header("Last-Event-ID")
            .or(() -> call.query("after"))
            .map(text -> Jobs.whole(text, "after", 0, Integer.MAX_VALUE - 1))
            .orElse(0);
    try (JobWatch watch = log.watch(id)) {
      JobFacts facts = jobs.of(call, id);
      call.identify(id.text());
      call.attach(watch);
      Follower follower = new Follower(log, id, watch, after, true);
      if (facts.finished()) {
        log.summary(facts).ifPresent(follower::finishedAlready);
      }
      probe.watch(call);
      try {
        stream(call, id, follower);
      } finally {
        probe.forget(call);
      }
    }
  }

  private void stream(Call call, JobId id, Follower follower) throws IOException {
    ResponseStream out = call.openStream();
    Sse sse = new Sse();
    out.write(sse.retryMillis(RETRY_MILLIS).take());
    Optional<JobSignal.StateChanged> terminal = Optional.empty();
    while (true) {
      Optional<JobSignal> next = follower.next(heartbeat);
      if (next.isEmpty()) {
        Optional<String> place = log.find(id).flatMap(outlook::said);
        out.write(place.map(Sse::comment).orElseGet(Sse::heartbeat));
        continue;
      }
      switch (next.get()) {
        case JobSignal.StateChanged changed -> {
          if (Terminal.of(changed.event().getStatus())) {
            // Told with the terminal record, which alone ends the stream.
            terminal = Optional.of(changed);
          } else {
            state(sse, id, changed);
          }
        }
        case JobSignal.Parts parts -> parts(sse, parts);
        case JobSignal.Finished(JobResult result) -> {
          int ordinal = terminal.map(JobSignal.StateChanged::ordinal).orElse(follower.last() + 1);
          end(sse, id, ordinal, result);
          out.write(sse.take());
          call.end();
          return;
        }
        case JobSignal.Erased _, JobSignal.CallerGone _ -> {
          call.abort();
          return;
        }
        case JobSignal.Published _, JobSignal.PublishFailed _ -> {}
      }
      if (!sse.isEmpty()) {
        out.write(sse.take());
      }
    }
  }

  private static void state(Sse sse, JobId id, JobSignal.StateChanged changed) {
    JobEvent event = changed.event();
    String status =
        event.getStatus() == null ? "unknown" : event.getStatus().name().toLowerCase(Locale.ROOT);
    byte[] json =
        new JsonOut(256)
            .beginObject()
            .field("id", id.text())
            .field("status", status)
            .textOrNull("reason", event.getReason())
            .field("attempt", event.getAttempt())
            .textOrNull("pool", event.getPool())
            .textOrNull("model", event.getProviderModel())
            .instantOrNull("at", event.getAt())
            .endObject()
            .toBytes();
    sse.event(changed.ordinal(), "job." + status, json);
  }

  private static void parts(Sse sse, JobSignal.Parts parts) {
    if (parts.restarted()) {
      byte[] json =
          new JsonOut(64).beginObject().field("attempt", parts.attempt()).endObject().toBytes();
      sse.event(parts.ordinal() - 1, "attempt.restarted", json);
    }
    int ordinal = parts.ordinal();
    for (ByteBuffer part : parts.parts()) {
      JsonOut out = new JsonOut(part.remaining() + 64);
      out.beginObject().field("attempt", parts.attempt()).name("delta");
      if (part.hasRemaining() && part.get(part.position()) == '{') {
        out.raw(part);
      } else {
        out.string(java.nio.charset.StandardCharsets.UTF_8.decode(part.duplicate()).toString());
      }
      sse.event(ordinal++, "job.delta", out.endObject().toBytes());
    }
  }

  private static void end(Sse sse, JobId id, int ordinal, JobResult result) {
    String status = result.getStatus().name().toLowerCase(Locale.ROOT);
    JsonOut out = new JsonOut(256);
    out.beginObject().field("id", id.text()).field("status", status);
    if (result.getError() != null) {
      out.name("error")
          .beginObject()
          .field("code", result.getError().getCode())
          .field("message", result.getError().getMessage())
          .endObject();
    }
    out.instantOrNull("at", result.getFinishedAt()).endObject();
    sse.event(ordinal, "job." + status, out.toBytes());
  }
}
