package dev.sluice.bench.scenario;

import dev.sluice.bench.process.SluiceProcess;
import dev.sluice.contract.avro.AttemptSummary;
import dev.sluice.contract.avro.JobResult;
import dev.sluice.contract.avro.JobStatus;
import dev.sluice.contract.avro.Usage;
import dev.sluice.contract.model.JobId;
import dev.sluice.contract.model.TokenKind;
import dev.sluice.contract.topic.Topics;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/// The ends of jobs as the log tells them. One thread reads; the rest may be called by any.
final class EndedJobs implements AutoCloseable {
  private final Map<String, Ended> byId = new ConcurrentHashMap<>();
  private final AtomicLong unfit = new AtomicLong();
  private final TopicTail<JobResult> tail;

  /// @param accepted when its ingress gave it its id
  /// @param started when its worker began the call: a result says only when it was claimed
  /// @param tokens of the answer, as counted
  record Ended(String tenant, Instant accepted, Instant started, Instant finished, long tokens) {
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
    Optional<Ended> ended = ended(result);
    if (ended.isEmpty() || byId.putIfAbsent(result.getJobId(), ended.get()) != null) {
      unfit.incrementAndGet();
    }
  }

  private static Optional<Ended> ended(JobResult result) {
    Usage usage = result.getUsage();
    List<AttemptSummary> calls = result.getAttempts();
    if (result.getStatus() != JobStatus.SUCCEEDED || calls.size() != 1 || usage == null) {
      return Optional.empty();
    }
    AttemptSummary call = calls.getFirst();
    return Optional.ofNullable(call.getStartedAt())
        .map(started ->
            new Ended(
                result.getTenant(),
                JobId.parse(result.getJobId()).orElseThrow().createdAt(),
                started,
                call.getFinishedAt(),
                usage.getTokens().getOrDefault(TokenKind.OUTPUT.key(), 0L)));
  }

  Stream<Ended> all() {
    return byId.values().stream();
  }

  int count() {
    return byId.size();
  }

  long countOf(String tenant) {
    return all().filter(ended -> ended.tenant().equals(tenant)).count();
  }

  /// Ends that are no answers of a first call, and second ends of a job.
  long unfit() {
    return unfit.get();
  }

  @Override
  public void close() {
    tail.close();
  }
}
