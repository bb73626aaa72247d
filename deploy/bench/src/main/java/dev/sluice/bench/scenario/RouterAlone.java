package dev.sluice.bench.scenario;

import dev.sluice.bench.core.Median;
import dev.sluice.bench.report.Row;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// The most jobs a second that a router decides about, with nobody before it and nobody behind.
public final class RouterAlone implements Scenario {
  private static final List<Integer> PARTITIONS = List.of(1, 4);
  private static final List<Integer> TENANTS = List.of(1, 1_000);

  @Override
  public String question() {
    return "Jobs a second of a router alone: a broker and one router with one thread, a process each, no HTTP, ingress, worker process or metering. This process writes N submissions of 1 KiB, class standard, as fast as the log takes them, reads the work topic with a plain consumer, writes a claim for each release and, when the log has it, an outcome, and reads the results. Time is from the first submission to the last result; each job must end once, and with success. All processes share the machine's cores. Median of rounds, after warm-up with the same load.";
  }

  @Override
  public Findings run(Bench bench) throws IOException, InterruptedException {
    Findings findings = new Findings();
    double most = 0;
    double least = Double.MAX_VALUE;
    for (int partitions : PARTITIONS) {
      for (int tenants : TENANTS) {
        double perSecond = measure(bench, findings, partitions, tenants);
        most = Math.max(most, perSecond);
        least = Math.min(least, perSecond);
      }
    }
    findings.headline(
        String.format(
            Locale.ROOT,
            "a router decides %,.0f to %,.0f jobs a second to their end",
            least,
            most));
    return findings;
  }

  private static double measure(Bench bench, Findings findings, int partitions, int tenants)
      throws IOException, InterruptedException {
    int jobs = bench.options().backlogs().getLast();
    List<RouterRig.Run> rounds = new ArrayList<>();
    try (RouterRig rig = RouterRig.start(bench, partitions, tenants)) {
      bench.say("warming up with %d partitions, %d tenants".formatted(partitions, tenants));
      warmUp(bench, rig, jobs);
      for (int i = 0; i < bench.options().rounds(); i++) {
        RouterRig.Run run = rig.run(jobs);
        rounds.add(run);
        findings.require(run.all());
        Row row = row(partitions, tenants, jobs, List.of(run));
        findings.run(
            row.with("noisy", run.foreignCores() > LatencyRun.NOISY_CORES)
                .with("right", run.all()));
        bench.say(row.values().toString());
      }
      // Whatever ends twice has done so by then.
      Wait.untilIdle(rig.routerPid());
      findings.require(rig.right());
    }
    findings.row(row(partitions, tenants, jobs, rounds));
    return Median.of(rounds.stream().map(run -> jobs / run.seconds()).toList());
  }

  private static void warmUp(Bench bench, RouterRig rig, int jobs)
      throws IOException, InterruptedException {
    long end = System.nanoTime() + bench.options().warmUp().toNanos();
    do {
      rig.run(jobs);
    } while (System.nanoTime() - end < 0);
  }

  private static Row row(int partitions, int tenants, int jobs, List<RouterRig.Run> runs) {
    return new Row()
        .with("partitions", partitions)
        .with("tenants", tenants)
        .with("jobs", jobs)
        .with("jobs/s", Median.of(runs.stream().map(run -> jobs / run.seconds()).toList()))
        .with(
            "router CPU µs/job", Median.of(runs.stream().map(RouterRig.Run::routerMicros).toList()))
        .with(
            "broker CPU µs/job", Median.of(runs.stream().map(RouterRig.Run::brokerMicros).toList()))
        .with(
            "generator CPU µs/job", Median.of(runs.stream().map(RouterRig.Run::ownMicros).toList()))
        .with("foreign cores", Median.of(runs.stream().map(RouterRig.Run::foreignCores).toList()));
  }
}
