package dev.sluice.bench.scenario;

import dev.sluice.bench.core.Median;
import dev.sluice.bench.load.ClosedLoop;
import dev.sluice.bench.load.LoadResult;
import dev.sluice.bench.load.Target;
import dev.sluice.bench.process.SluiceProcess;
import dev.sluice.bench.process.Watch;
import dev.sluice.bench.report.Row;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;

/// The most that Sluice accepts, or completes, a second.
public final class Throughput implements Scenario {
  private static final int ACCEPT_CALLERS = 64;

  private final boolean acceptOnly;

  public Throughput(boolean acceptOnly) {
    this.acceptOnly = acceptOnly;
  }

  @Override
  public String question() {
    return (acceptOnly
            ? "Durable 202s a second: POST /v1/jobs with respond-async, 64 callers. Held: the"
                + " provider keeps its answers back, so accepting is all there is to do; running:"
                + " the jobs are worked off meanwhile."
            : "Waiting calls completed a second over a mock of 0 ms.")
        + " Closed loop, so latencies are not stated. Median of rounds; CPU is that of Sluice with"
        + " its broker.";
  }

  @Override
  public Findings run(Bench bench) throws IOException, InterruptedException {
    return acceptOnly ? accept(bench) : complete(bench);
  }

  private Findings accept(Bench bench) throws IOException, InterruptedException {
    Findings findings = new Findings();
    double most = 0;
    for (boolean held : new boolean[] {false, true}) {
      try (SluiceProcess sluice = bench.start()) {
        bench.warmUp(Bench.chat(sluice.http(), false));
        bench.mock().hold(held);
        Target job = Bench.job(sluice.http());
        ClosedLoop.during(job, ACCEPT_CALLERS, bench.options().warmUp().dividedBy(3));
        String row = held ? "held" : "running";
        most = Math.max(most, rounds(bench, sluice, findings, job, ACCEPT_CALLERS, row));
        // Before Sluice is stopped, or its drain waits for answers that do not come.
        bench.mock().hold(false);
      } finally {
        bench.mock().hold(false);
      }
    }
    findings.headline(String.format(Locale.ROOT, "%,.0f jobs accepted a second", most));
    return findings;
  }

  private Findings complete(Bench bench) throws IOException, InterruptedException {
    Findings findings = new Findings();
    double most = 0;
    try (SluiceProcess sluice = bench.start()) {
      Target chat = Bench.chat(sluice.http(), false);
      bench.warmUp(chat);
      ClosedLoop.during(chat, ACCEPT_CALLERS, bench.options().warmUp());
      for (int callers : bench.options().callers()) {
        most = Math.max(most, rounds(bench, sluice, findings, chat, callers, "waiting"));
      }
    }
    findings.headline(String.format(Locale.ROOT, "%,.0f requests completed a second", most));
    return findings;
  }

  private static double rounds(
      Bench bench, SluiceProcess sluice, Findings findings, Target target, int callers, String name)
      throws IOException, InterruptedException {
    List<Double> perSecond = new ArrayList<>();
    List<Double> cpu = new ArrayList<>();
    List<Double> requests = new ArrayList<>();
    List<Double> foreign = new ArrayList<>();
    for (int i = 0; i < bench.options().rounds(); i++) {
      Watch watch = new Watch(sluice, bench.mock());
      LoadResult load = ClosedLoop.during(target, callers, bench.options().measured());
      Watch.Cost cost = watch.stop();
      long count = load.latency().count();
      findings.require(load.errors() == 0 && count > 0);
      perSecond.add(load.perSecond());
      cpu.add(cost.sluiceCpuMicros() / count);
      OptionalLong sent = cost.kafkaRequests();
      requests.add(sent.isPresent() ? (double) sent.getAsLong() / count : Double.NaN);
      foreign.add(cost.foreignCores());
      bench.say(
          "%s, %d callers: %.0f/s, CPU %.0f µs, wrong %s, foreign cores %.2f"
              .formatted(
                  name,
                  callers,
                  load.perSecond(),
                  cpu.getLast(),
                  load.wrong(),
                  cost.foreignCores()));
      findings.run(
          new Row()
              .with("row", name)
              .with("callers", callers)
              .with("seconds", load.seconds())
              .with("right answers", count)
              .with("wrong", load.wrong().toString())
              .with("1/s", load.perSecond())
              .with("CPU µs each", cpu.getLast())
              .with("foreign cores", cost.foreignCores())
              .with("noisy", cost.foreignCores() > LatencyRun.NOISY_CORES));
    }
    findings.row(
        new Row()
            .with("row", name)
            .with("callers", callers)
            .with("1/s", Median.of(perSecond))
            .with("CPU µs each", Median.of(cpu))
            .with("Kafka client requests each", Median.of(requests))
            .with("foreign cores", Median.of(foreign)));
    return Median.of(perSecond);
  }
}
