package dev.sluice.bench.scenario;

import dev.sluice.bench.core.Percentiles;
import dev.sluice.bench.core.Schedule;
import dev.sluice.bench.load.HookReceiver;
import dev.sluice.bench.load.LoadResult;
import dev.sluice.bench.load.OpenLoop;
import dev.sluice.bench.process.SluiceProcess;
import dev.sluice.bench.process.Watch;
import dev.sluice.bench.report.Row;
import dev.sluice.contract.avro.JobResult;
import dev.sluice.contract.topic.Topics;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/// How soon a receiver is told that a job has ended.
public final class Callbacks implements Scenario {
  private static final int CONNECTIONS = 64;
  private static final Duration LIMIT = Duration.ofMinutes(2);

  @Override
  public String question() {
    return "Jobs with a callback_url at a steady rate, open loop, over a mock of 0 ms; the receiver"
        + " answers at once. Lag is from when the broker took a job's terminal record to when its"
        + " callback was received, by the one clock of this machine, to the millisecond. Every job"
        + " must be told; repeats are counted.";
  }

  @Override
  public Findings run(Bench bench) throws IOException, InterruptedException {
    Findings findings = new Findings();
    try (SluiceProcess sluice = bench.start();
        HookReceiver receiver = new HookReceiver()) {
      Map<String, Long> endedAt = new ConcurrentHashMap<>();
      try (var _ =
          new TopicTail<>(
              sluice,
              Topics.RESULTS.name(),
              JobResult.class,
              (record, result) -> endedAt.putIfAbsent(result.getJobId(), record.timestamp()))) {
        Taken taken = new Taken(bench, findings, sluice, receiver, endedAt);
        taken.jobs(bench.warmUp());
        for (int rate : bench.options().rates()) {
          taken.measure(rate);
        }
      }
    }
    return findings;
  }

  /// The receiver and what it heard.
  private record Taken(
      Bench bench,
      Findings findings,
      SluiceProcess sluice,
      HookReceiver receiver,
      Map<String, Long> endedAt) {

    void measure(int rate) throws IOException, InterruptedException {
      Map<String, Long> before = receiver.receivedAt();
      long callsBefore = receiver.calls();
      Watch watch = new Watch(sluice, bench.mock());
      Schedule schedule = new Schedule(rate, bench.options().measured());
      jobs(schedule);
      Watch.Cost cost = watch.stop();
      Map<String, Long> told = new HashMap<>(receiver.receivedAt());
      told.keySet().removeAll(before.keySet());
      findings.require(Wait.until(LIMIT, () -> endedAt.keySet().containsAll(told.keySet())));
      Histogram lag = new Histogram(3);
      told.forEach((job, at) ->
          lag.recordValue(
              TimeUnit.MILLISECONDS.toNanos(Math.max(0, at - endedAt.getOrDefault(job, at)))));
      Percentiles millis = Percentiles.ofNanos(lag);
      Row row =
          new Row()
              .with("jobs 1/s", rate)
              .with("lag", millis)
              .with("repeats", receiver.calls() - callsBefore - told.size())
              .with("CPU µs/job", cost.sluiceCpuMicros() / schedule.count())
              .with("foreign cores", cost.foreignCores());
      findings.row(row);
      bench.say(row.values().toString());
      findings.headline(
          String.format(
              Locale.ROOT,
              "a callback is received %.0f ms (p50), %.0f ms (p99) after its job's end at %d/s",
              millis.p50(),
              millis.p99(),
              rate));
    }

    /// Gives in jobs and waits until each was told.
    void jobs(Schedule schedule) throws IOException, InterruptedException {
      long before = receiver.receivedAt().size();
      LoadResult load =
          OpenLoop.run(Bench.job(sluice.http(), receiver.url()), schedule, CONNECTIONS);
      findings.require(load.errors() == 0);
      findings.require(
          Wait.until(LIMIT, () -> receiver.receivedAt().size() - before >= schedule.count()));
    }
  }
}
