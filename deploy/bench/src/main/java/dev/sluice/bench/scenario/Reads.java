package dev.sluice.bench.scenario;

import dev.sluice.bench.core.Median;
import dev.sluice.bench.load.ClosedLoop;
import dev.sluice.bench.load.Expectation;
import dev.sluice.bench.load.LoadResult;
import dev.sluice.bench.load.Target;
import dev.sluice.bench.mock.MockAnswers;
import dev.sluice.bench.process.SluiceProcess;
import dev.sluice.bench.process.Watch;
import dev.sluice.bench.report.Row;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// The most old results that are read back from the log a second.
public final class Reads implements Scenario {
  private static final int JOBS = 20_000;
  private static final int SUBMITTERS = 64;

  @Override
  public String question() {
    return "GET /v1/jobs/{id} of "
        + JOBS
        + " ended jobs, by chance: more than the ingress's cache holds, so most bodies come back"
        + " from the log. Closed loop. Median of rounds; CPU is that of Sluice with its broker.";
  }

  @Override
  public Findings run(Bench bench) throws IOException, InterruptedException {
    Findings findings = new Findings();
    double most = 0;
    try (SluiceProcess sluice = bench.start()) {
      Target chat = Bench.chat(sluice.http(), false);
      bench.warmUp(chat);
      findings.require(ClosedLoop.times(chat, SUBMITTERS, JOBS).errors() == 0);
      List<Target> jobs = new ArrayList<>(JOBS);
      for (String id : new JobClient(sluice.http()).newest(JOBS)) {
        jobs.add(
            Target.get(
                sluice.http().resolve("/v1/jobs/" + id),
                Map.of("Authorization", "Bearer " + SluiceProcess.KEY),
                new Expectation(200, MockAnswers.PLAIN_BYTES * 3 / 4, 0)));
      }
      findings.require(jobs.size() == JOBS);
      ClosedLoop.during(jobs, SUBMITTERS, bench.options().warmUp().dividedBy(3));
      for (int callers : bench.options().callers()) {
        most = Math.max(most, measure(bench, sluice, findings, jobs, callers));
      }
    }
    findings.headline(String.format(Locale.ROOT, "%,.0f old results read a second", most));
    return findings;
  }

  private static double measure(
      Bench bench, SluiceProcess sluice, Findings findings, List<Target> jobs, int callers)
      throws IOException, InterruptedException {
    List<Double> perSecond = new ArrayList<>();
    List<Double> cpu = new ArrayList<>();
    for (int round = 0; round < bench.options().rounds(); round++) {
      Watch watch = new Watch(sluice, bench.mock());
      LoadResult load = ClosedLoop.during(jobs, callers, bench.options().measured());
      Watch.Cost cost = watch.stop();
      findings.require(load.errors() == 0);
      perSecond.add(load.perSecond());
      cpu.add(cost.sluiceCpuMicros() / load.latency().count());
      Row run =
          new Row()
              .with("callers", callers)
              .with("1/s", load.perSecond())
              .with("wrong", load.wrong().toString())
              .with("CPU µs each", cpu.getLast())
              .with("foreign cores", cost.foreignCores());
      findings.run(run);
      bench.say(run.values().toString());
    }
    findings.row(
        new Row()
            .with("callers", callers)
            .with("1/s", Median.of(perSecond))
            .with("CPU µs each", Median.of(cpu)));
    return Median.of(perSecond);
  }
}
