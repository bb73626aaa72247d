package dev.sluice.ingress.http;

import dev.sluice.contract.avro.Command;
import dev.sluice.contract.avro.EventKind;
import dev.sluice.contract.avro.JobEvent;
import dev.sluice.contract.avro.JobResult;
import dev.sluice.contract.avro.JobStatus;
import dev.sluice.contract.avro.Reprioritise;
import dev.sluice.contract.avro.Submission;
import dev.sluice.contract.model.JobId;
import dev.sluice.contract.model.Priority;
import dev.sluice.ingress.core.JobFacts;
import dev.sluice.ingress.core.Status;
import dev.sluice.ingress.log.JobLog;
import dev.sluice.ingress.log.JobQuery;
import dev.sluice.ingress.log.JobSignal;
import dev.sluice.ingress.log.JobWatch;
import dev.sluice.ingress.log.TraceContext;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// A log in memory, with a router and a worker that a test plays. Events are numbered as a test
/// gives them: the filter has its own tests. The first claim of a job is 11, the one after a
/// restart is 22.
final class MemoryLog implements JobLog {
  final LinkedBlockingQueue<Submission> submissions = new LinkedBlockingQueue<>();
  final LinkedBlockingQueue<Command> commands = new LinkedBlockingQueue<>();
  final LinkedBlockingQueue<TraceContext> traces = new LinkedBlockingQueue<>();
  final AtomicInteger settled = new AtomicInteger();
  volatile boolean ready = true;
  volatile boolean admits = true;
  volatile String publishFailure = "";
  private final Map<JobId, List<JobSignal>> signals = new ConcurrentHashMap<>();
  private final Map<JobId, List<JobWatch>> watches = new ConcurrentHashMap<>();
  private final Map<JobId, JobFacts> facts = new ConcurrentHashMap<>();
  private final Map<JobId, JobResult> results = new ConcurrentHashMap<>();
  private final Map<JobId, Submission> requests = new ConcurrentHashMap<>();

  Submission takeSubmission() throws InterruptedException {
    Submission submission = submissions.poll(5, TimeUnit.SECONDS);
    if (submission == null) {
      throw new AssertionError("nothing was submitted");
    }
    return submission;
  }

  Command takeCommand(long seconds) throws InterruptedException {
    Command command = commands.poll(seconds, TimeUnit.SECONDS);
    if (command == null) {
      throw new AssertionError("no command was sent");
    }
    return command;
  }

  void state(JobId id, int ordinal, JobStatus status) {
    JobEvent event = new JobEvent();
    event.setJobId(id.text());
    event.setKind(EventKind.STATE);
    event.setStatus(status);
    event.setAt(Instant.now());
    event.setAttempt(1);
    event.setDeltas(List.of());
    facts.computeIfPresent(
        id,
        (_, known) ->
            known.withProgress(
                new JobFacts.Progress(
                    Status.valueOf(status.name()), "", "pool", "m", Instant.now(), 1),
                known.filter()));
    tell(id, new JobSignal.StateChanged(ordinal, event));
  }

  void parts(JobId id, int ordinal, boolean restarted, String... parts) {
    List<ByteBuffer> bytes = new ArrayList<>();
    for (String part : parts) {
      bytes.add(ByteBuffer.wrap(part.getBytes(StandardCharsets.UTF_8)));
    }
    tell(
        id, new JobSignal.Parts(ordinal, restarted, restarted ? 2 : 1, restarted ? 22 : 11, bytes));
  }

  void finish(JobId id, JobResult result) {
    results.put(id, result);
    facts.compute(
        id,
        (_, known) ->
            (known == null ? JobFacts.unread(id, "acme") : known)
                .withEnding(
                    new JobFacts.Ending(
                        Status.valueOf(result.getStatus().name()),
                        result.getFinishedAt(),
                        result.getExpiresAt(),
                        0,
                        new byte[0])));
    tell(id, new JobSignal.Finished(result));
  }

  static JobResult result(JobId id, JobStatus status, String body) {
    JobResult result = new JobResult();
    result.setJobId(id.text());
    result.setTenant("acme");
    result.setStatus(status);
    result.setFinishedAt(Instant.now());
    result.setExpiresAt(Instant.now().plusSeconds(60));
    result.setAttempts(List.of());
    if (!body.isEmpty()) {
      result.setResult(ByteBuffer.wrap(body.getBytes(StandardCharsets.UTF_8)));
    }
    return result;
  }

  private void tell(JobId id, JobSignal signal) {
    signals.computeIfAbsent(id, _ -> new CopyOnWriteArrayList<>()).add(signal);
    watches.getOrDefault(id, List.of()).forEach(watch -> watch.tell(signal));
  }

  @Override
  public boolean ready() {
    return ready;
  }

  @Override
  public int replyPartition() {
    return 0;
  }

  @Override
  public JobWatch watch(JobId id) {
    JobWatch[] self = new JobWatch[1];
    self[0] = new JobWatch(() -> watches.get(id).remove(self[0]));
    watches.computeIfAbsent(id, _ -> new CopyOnWriteArrayList<>()).add(self[0]);
    return self[0];
  }

  @Override
  public void publish(Submission submission, TraceContext trace, JobWatch watch) {
    if (!publishFailure.isEmpty()) {
      watch.tell(new JobSignal.PublishFailed(publishFailure));
      return;
    }
    JobId id = JobId.parse(submission.getJobId()).orElseThrow();
    watch.tell(new JobSignal.Published());
    requests.put(id, submission);
    if (admits) {
      facts.put(
          id,
          JobFacts.unread(id, submission.getTenant())
              .withOrigin(
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
                          submission.getGroup() == null ? "" : submission.getGroup()))));
      state(id, 1, JobStatus.QUEUED);
    }
    traces.add(trace);
    submissions.add(submission);
  }

  @Override
  public void command(Command command) {
    commands.add(command);
    if (command.getGroup() != null) {
      return;
    }
    JobId id = JobId.parse(command.getJobId()).orElseThrow();
    if (command.getCancel() != null && admits) {
      finish(id, result(id, JobStatus.CANCELLED, ""));
    }
    if (command.getReprioritise() != null && admits) {
      reprioritise(id, command.getReprioritise());
    }
    if (command.getErase() != null) {
      facts.remove(id);
      tell(id, new JobSignal.Erased());
    }
  }

  private void reprioritise(JobId id, Reprioritise asked) {
    JobFacts.Origin origin = facts.get(id).origin();
    Priority priority =
        asked.getPriority() == null
            ? origin.priority()
            : Priority.valueOf(asked.getPriority().name());
    Instant deadline = asked.getDeadline() == null ? origin.deadline() : asked.getDeadline();
    facts.computeIfPresent(
        id, (_, known) -> known.withOrigin(origin.asUrgentAs(priority, deadline)));
    state(id, 2, JobStatus.QUEUED);
  }

  @Override
  public void remember(JobFacts known) {
    facts.putIfAbsent(known.id(), known);
  }

  @Override
  public Optional<JobFacts> find(JobId id) {
    return Optional.ofNullable(facts.get(id));
  }

  @Override
  public List<JobFacts> list(JobQuery query) {
    return facts.values().stream()
        .filter(query::matches)
        .sorted(Comparator.comparing(JobFacts::id).reversed())
        .filter(one -> query.after().map(after -> one.id().compareTo(after) < 0).orElse(true))
        .limit(query.limit())
        .toList();
  }

  @Override
  public Optional<JobResult> result(JobFacts finished) {
    return Optional.ofNullable(results.get(finished.id()));
  }

  @Override
  public Optional<Submission> request(JobFacts known) {
    return Optional.ofNullable(requests.get(known.id()));
  }

  /// As after the retention of submissions.
  void forgetRequest(JobId id) {
    requests.remove(id);
  }

  @Override
  public Optional<JobResult> summary(JobFacts finished) {
    return result(finished);
  }

  @Override
  public List<JobSignal> replay(JobId id, int afterOrdinal) {
    return signals.getOrDefault(id, List.of()).stream()
        .filter(signal ->
            switch (signal) {
              case JobSignal.StateChanged changed -> changed.ordinal() > afterOrdinal;
              case JobSignal.Parts parts -> parts.lastOrdinal() > afterOrdinal;
              default -> false;
            })
        .toList();
  }

  @Override
  public Mark markBefore(JobId id, int part) {
    Mark mark = Mark.START;
    int before = 0;
    for (JobSignal signal : signals.getOrDefault(id, List.of())) {
      if (signal instanceof JobSignal.Parts parts && before <= part) {
        mark = new Mark(parts.ordinal() - (parts.restarted() ? 2 : 1), before);
        before += parts.parts().size();
      }
    }
    return mark;
  }

  @Override
  public void settle(JobId id) {
    settled.incrementAndGet();
  }

  int watchers(JobId id) {
    return watches.getOrDefault(id, List.of()).size();
  }
}
