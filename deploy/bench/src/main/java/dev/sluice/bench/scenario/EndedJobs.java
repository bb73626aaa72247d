package dev.sluice.bench.scenario;

import dev.sluice.bench.process.SluiceProcess;
import dev.sluice.contract.avro.JobResult;
import dev.sluice.contract.avro.JobStatus;
import dev.sluice.contract.model.JobId;
import dev.sluice.contract.topic.Topics;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/// The ends of jobs as the log tells them. One thread reads; the rest may be called by any.
final class EndedJobs implements AutoCloseable {
  private final Map<String, Ended> byId = new ConcurrentHashMap<>();
  private final AtomicLong failed = new AtomicLong();
  private final TopicTail<JobResult> tail;

  /// @param accepted when its ingress gave it its id
  /// @param started when its call began
  record Ended(String tenant, Instant accepted, Instant started, Instant finished) {
    boolean finishedIn(Instant from, Instant to) {
      return !finished.isBefore(from) && finished.isBefore(to);
    }
  }

  EndedJobs(SluiceProcess sluice) {
    tail =
        new TopicTail<>(
            sluice, Topics.RESULTS.name(), JobResult.class, (_, result) -> take(result));
  }

  private void take(JobResult result) {
    if (result.getStatus() != JobStatus.SUCCEEDED || result.getStartedAt() == null) {
      failed.incrementAndGet();
      return;
    }
    Instant accepted = JobId.parse(result.getJobId()).orElseThrow().createdAt();
    byId.putIfAbsent(
        result.getJobId(),
        new Ended(result.getTenant(), accepted, result.getStartedAt(), result.getFinishedAt()));
  }

  Stream<Ended> all() {
    return byId.values().stream();
  }

  int count() {
    return byId.size();
  }

  /// Ends that are no answers.
  long failed() {
    return failed.get();
  }

  @Override
  public void close() {
    tail.close();
  }
}
