package dev.sluice.bench.scenario;

import dev.sluice.bench.core.Median;
import dev.sluice.bench.core.Percentiles;
import dev.sluice.bench.core.Schedule;
import dev.sluice.bench.load.LoadResult;
import dev.sluice.bench.load.OpenLoop;
import dev.sluice.bench.process.SluiceProcess;
import dev.sluice.bench.process.Watch;
import dev.sluice.bench.report.Row;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.ToDoubleFunction;

/// One open-loop run at one rate, and what it cost a Sluice.
///
/// @param cpuMicros of Sluice with its broker, a request
/// @param kafkaRequests of its clients, a request; NaN where it does not publish them
/// @param foreignCores processors' worth of work of other processes
/// @param lagP99 of the generator, ms
/// @param meanMillis of the latency
record LatencyRun(
    Percentiles latency,
    Percentiles firstContent,
    double cpuMicros,
    double kafkaRequests,
    double foreignCores,
    double lagP99,
    double meanMillis) {
  /// Work of others, in processors, beyond which a run says more about them than about us.
  static final double NOISY_CORES = 0.25;

  private static final int TRIES = 2;

  /// What is loaded, and how.
  ///
  /// @param path what the page calls it
  /// @param base where requests go: to a Sluice, or past it
  /// @param sluice whose cost is watched
  record Load(
      String path, URI base, SluiceProcess sluice, int rate, int mockMillis, boolean stream) {}

  /// Runs, and once more if others disturbed it; both are kept among the findings' runs.
  static LatencyRun quiet(Bench bench, Findings findings, Load load)
      throws IOException, InterruptedException {
    LatencyRun run = once(bench, findings, load);
    for (int i = 1; i < TRIES && run.foreignCores() > NOISY_CORES; i++) {
      LatencyRun again = once(bench, findings, load);
      run = again.foreignCores() < run.foreignCores() ? again : run;
    }
    return run;
  }

  static LatencyRun once(Bench bench, Findings findings, Load load)
      throws IOException, InterruptedException {
    Schedule schedule = new Schedule(load.rate(), bench.options().measured());
    int connections = Math.max(16, load.rate() * (load.mockMillis() + 20) * 4 / 1_000);
    long callsBefore = bench.mock().count();
    Watch watch = new Watch(load.sluice(), bench.mock());
    LoadResult result = OpenLoop.run(Bench.chat(load.base(), load.stream()), schedule, connections);
    Watch.Cost cost = watch.stop();
    long calls = bench.mock().count() - callsBefore;
    findings.require(result.errors() == 0 && calls == schedule.count());
    bench.say(
        "%s %d/s, mock %d ms: p50 %.2f p99 %.2f max %.1f ms, wrong %s, foreign cores %.2f"
            .formatted(
                load.path(),
                load.rate(),
                load.mockMillis(),
                result.latency().p50(),
                result.latency().p99(),
                result.latency().max(),
                result.wrong(),
                cost.foreignCores()));
    LatencyRun run =
        new LatencyRun(
            result.latency(),
            result.firstContent(),
            cost.sluiceCpuMicros() / schedule.count(),
            perRequest(cost.kafkaRequests(), schedule.count()),
            cost.foreignCores(),
            result.lag().p99(),
            result.meanMillis());
    Row row =
        new Row()
            .with("path", load.path())
            .with("rate 1/s", load.rate())
            .with("mock ms", load.mockMillis())
            .with("seconds", result.seconds())
            .with("provider calls", calls)
            .with("wrong", result.wrong().toString())
            .with("CPU µs/request", run.cpuMicros())
            .with("foreign cores", run.foreignCores())
            .with("noisy", run.foreignCores() > NOISY_CORES)
            .with("mock CPU µs/request", cost.mockCpuMicros() / schedule.count())
            .with("generator lag p99 ms", run.lagP99())
            .with("latency", run.latency());
    findings.run(load.stream() ? row.with("first token", run.firstContent()) : row);
    return run;
  }

  private static double perRequest(OptionalLong requests, long count) {
    return requests.isPresent() ? (double) requests.getAsLong() / count : Double.NaN;
  }

  /// Puts the medians of what runs cost.
  static Row costs(Row row, List<LatencyRun> runs) {
    return row.with("CPU µs/request", middle(runs, LatencyRun::cpuMicros))
        .with("Kafka client requests/request", middle(runs, LatencyRun::kafkaRequests))
        .with("foreign cores", middle(runs, LatencyRun::foreignCores))
        .with("generator lag p99 ms", middle(runs, LatencyRun::lagP99));
  }

  private static double middle(List<LatencyRun> runs, ToDoubleFunction<LatencyRun> part) {
    return Median.of(runs.stream().map(part::applyAsDouble).toList());
  }
}
