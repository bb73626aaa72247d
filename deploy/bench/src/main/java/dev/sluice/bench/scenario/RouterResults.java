package dev.sluice.bench.scenario;

import dev.sluice.bench.process.SluiceProcess;
import dev.sluice.contract.avro.JobResult;
import dev.sluice.contract.avro.JobStatus;
import dev.sluice.contract.model.JobId;
import dev.sluice.contract.topic.Topics;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/// Counts the ends of jobs as they come. One thread reads; the rest may be called by any.
final class RouterResults implements AutoCloseable {
  private final Set<JobId> succeeded = ConcurrentHashMap.newKeySet();
  private final AtomicLong unfit = new AtomicLong();
  private final TopicTail<JobResult> tail;
  private volatile long lastNanos;

  RouterResults(SluiceProcess router) {
    tail =
        new TopicTail<>(
            router, Topics.RESULTS.name(), JobResult.class, (_, result) -> take(result));
  }

  private void take(JobResult result) {
    JobId id = JobId.parse(result.getJobId()).orElseThrow();
    if (result.getStatus() != JobStatus.SUCCEEDED || !succeeded.add(id)) {
      unfit.incrementAndGet();
    }
    lastNanos = System.nanoTime();
  }

  long succeeded() {
    return succeeded.size();
  }

  /// Ends that are no success, and second ends of a job.
  long unfit() {
    return unfit.get();
  }

  /// When the last one was read, `System.nanoTime`.
  long lastNanos() {
    return lastNanos;
  }

  @Override
  public void close() {
    tail.close();
  }
}
