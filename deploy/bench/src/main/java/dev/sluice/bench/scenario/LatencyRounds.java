package dev.sluice.bench.scenario;

import dev.sluice.bench.core.Median;
import dev.sluice.bench.core.Percentiles;
import dev.sluice.bench.core.Schedule;
import dev.sluice.bench.load.LoadResult;
import dev.sluice.bench.load.OpenLoop;
import dev.sluice.bench.load.Target;
import dev.sluice.bench.process.SluiceProcess;
import dev.sluice.bench.process.Watch;
import dev.sluice.bench.report.Row;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/// Interleaved rounds of one rate, direct to the mock and through Sluice. A disturbed round is
/// repeated, and kept among the runs.
final class LatencyRounds {
  /// Work of others, in processors, beyond which a run says more about them than about us.
  static final double NOISY_CORES = 0.25;

  private static final int TRIES = 2;

  private final Bench bench;
  private final SluiceProcess sluice;
  private final Findings findings;
  private final boolean stream;

  LatencyRounds(Bench bench, SluiceProcess sluice, Findings findings, boolean stream) {
    this.bench = bench;
    this.sluice = sluice;
    this.findings = findings;
    this.stream = stream;
  }

  private record Round(
      Percentiles latency,
      Percentiles firstContent,
      double cpuMicros,
      double kafkaRequests,
      double foreignCores,
      double lagP99) {}

  /// Measures one row.
  ///
  /// @return the overhead: of the first token where streamed, else of the last byte
  Percentiles measure(int rate, int mockMillis) throws IOException, InterruptedException {
    bench.mock().delayMillis(mockMillis);
    List<Round> direct = new ArrayList<>();
    List<Round> through = new ArrayList<>();
    for (int i = 0; i < bench.options().rounds(); i++) {
      direct.add(quiet("direct", bench.mock().url(), rate, mockMillis));
      through.add(quiet("sluice", sluice.http(), rate, mockMillis));
    }
    Percentiles last = overhead(through, direct, false);
    Row row =
        new Row()
            .with("rate 1/s", rate)
            .with("mock ms", mockMillis)
            .with("CPU µs/request", middle(through, Round::cpuMicros))
            .with("Kafka client requests/request", middle(through, Round::kafkaRequests))
            .with("foreign cores", middle(through, Round::foreignCores))
            .with("generator lag p99 ms", middle(through, Round::lagP99));
    if (stream) {
      row.with("first token +", overhead(through, direct, true)).with("last byte +", last);
    } else {
      row.with("overhead", last);
    }
    findings.row(row);
    return stream ? overhead(through, direct, true) : last;
  }

  private Percentiles overhead(List<Round> through, List<Round> direct, boolean first) {
    List<Percentiles> differences = new ArrayList<>();
    for (int i = 0; i < through.size(); i++) {
      differences.add(part(through.get(i), first).minus(part(direct.get(i), first)));
    }
    return Percentiles.median(differences);
  }

  private static Percentiles part(Round round, boolean first) {
    return first ? round.firstContent() : round.latency();
  }

  private static double middle(
      List<Round> rounds, java.util.function.ToDoubleFunction<Round> part) {
    return Median.of(rounds.stream().map(part::applyAsDouble).toList());
  }

  private Round quiet(String path, java.net.URI base, int rate, int mockMillis)
      throws IOException, InterruptedException {
    Round round = round(path, base, rate, mockMillis);
    for (int i = 1; i < TRIES && round.foreignCores() > NOISY_CORES; i++) {
      Round again = round(path, base, rate, mockMillis);
      round = again.foreignCores() < round.foreignCores() ? again : round;
    }
    return round;
  }

  private Round round(String path, java.net.URI base, int rate, int mockMillis)
      throws IOException, InterruptedException {
    Target target = Bench.chat(base, stream);
    Schedule schedule = new Schedule(rate, bench.options().measured());
    int connections = Math.max(16, rate * (mockMillis + 20) * 4 / 1_000);
    long callsBefore = bench.mock().count();
    Watch watch = new Watch(sluice, bench.mock());
    LoadResult load = OpenLoop.run(target, schedule, connections);
    Watch.Cost cost = watch.stop();
    long calls = bench.mock().count() - callsBefore;
    findings.require(load.errors() == 0 && calls == schedule.count());
    bench.say(
        "%s %d/s, mock %d ms: p50 %.2f p99 %.2f max %.1f ms, wrong %s, foreign cores %.2f"
            .formatted(
                path,
                rate,
                mockMillis,
                load.latency().p50(),
                load.latency().p99(),
                load.latency().max(),
                load.wrong(),
                cost.foreignCores()));
    Row row =
        new Row()
            .with("path", path)
            .with("rate 1/s", rate)
            .with("mock ms", mockMillis)
            .with("seconds", load.seconds())
            .with("provider calls", calls)
            .with("wrong", load.wrong().toString())
            .with("foreign cores", cost.foreignCores())
            .with("noisy", cost.foreignCores() > NOISY_CORES)
            .with("mock CPU µs/request", cost.mockCpuMicros() / schedule.count())
            .with("generator lag p99 ms", load.lag().p99())
            .with("latency", load.latency());
    findings.run(stream ? row.with("first token", load.firstContent()) : row);
    return new Round(
        load.latency(),
        load.firstContent(),
        cost.sluiceCpuMicros() / schedule.count(),
        perRequest(cost.kafkaRequests(), schedule.count()),
        cost.foreignCores(),
        load.lag().p99());
  }

  private static double perRequest(OptionalLong requests, long count) {
    return requests.isPresent() ? (double) requests.getAsLong() / count : Double.NaN;
  }
}
