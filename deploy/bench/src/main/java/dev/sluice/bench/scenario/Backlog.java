package dev.sluice.bench.scenario;

import dev.sluice.bench.load.ClosedLoop;
import dev.sluice.bench.load.LoadResult;
import dev.sluice.bench.process.Kernel;
import dev.sluice.bench.process.SluiceProcess;
import dev.sluice.bench.process.Watch;
import dev.sluice.bench.report.Row;
import java.io.IOException;
import java.time.Duration;
import java.util.Locale;

/// Whether a job costs more when many wait.
public final class Backlog implements Scenario {
  private static final int CALLERS = 64;
  private static final Duration IDLE = Duration.ofSeconds(5);
  private static final Duration LONGEST_DRAIN = Duration.ofMinutes(15);

  @Override
  public String question() {
    return "CPU of Sluice and its broker for a job that waits in a backlog: N jobs are submitted"
        + " while the provider keeps its answers back, then it lets go. Polling costs the same with work or"
        + " without and weighs most on a small backlog: its part stands in a column. Flat is the goal. The jobs"
        + " of one size are a start of their own, warmed up before.";
  }

  @Override
  public Findings run(Bench bench) throws IOException, InterruptedException {
    Findings findings = new Findings();
    double first = Double.NaN;
    double last = Double.NaN;
    for (int jobs : bench.options().backlogs()) {
      last = measure(bench, findings, jobs);
      first = Double.isNaN(first) ? last : first;
    }
    findings.headline(
        String.format(
            Locale.ROOT,
            "%.0f µs CPU a job at a backlog of %,d, %.0f µs at %,d",
            first,
            bench.options().backlogs().getFirst(),
            last,
            bench.options().backlogs().getLast()));
    return findings;
  }

  private static double measure(Bench bench, Findings findings, int jobs)
      throws IOException, InterruptedException {
    try (SluiceProcess sluice = bench.start()) {
      bench.warmUp(Bench.chat(sluice.http(), false));
      Wait.untilIdle(sluice.pid());
      double idleCores = Wait.coresWhileIdle(sluice.pid(), IDLE);
      long callsBefore = bench.mock().count();
      bench.mock().hold(true);
      Watch submitting = new Watch(sluice, bench.mock());
      LoadResult load = ClosedLoop.times(Bench.job(sluice.http()), CALLERS, jobs);
      Watch.Cost submit = submitting.stop();
      long callsAtOnce = bench.mock().count() - callsBefore;
      double waitingMib = Kernel.residentMib(sluice.pid());
      Watch running = new Watch(sluice, bench.mock());
      long began = System.nanoTime();
      bench.mock().hold(false);
      boolean all = Wait.until(LONGEST_DRAIN, () -> bench.mock().count() - callsBefore >= jobs);
      double drainSeconds = (System.nanoTime() - began) / 1e9;
      boolean ended = Wait.until(LONGEST_DRAIN, sluice::hasNoLiveJob);
      Wait.untilIdle(sluice.pid());
      Watch.Cost run = running.stop();
      long calls = bench.mock().count() - callsBefore;
      findings.require(load.errors() == 0 && all && ended && calls == jobs);
      // Calls that the pool's slots allowed before the answers were let go are no part of the
      // drain.
      double drained = jobs > callsAtOnce ? (jobs - callsAtOnce) / drainSeconds : Double.NaN;
      double submitMicros = submit.sluiceCpuMicros() / jobs;
      double runMicros = run.sluiceCpuMicros() / jobs;
      bench.say(
          "backlog %d: submit %.0f µs, run %.0f µs CPU a job, %.0f jobs/s, wrong %s"
              .formatted(jobs, submitMicros, runMicros, drained, load.wrong()));
      findings.row(
          new Row()
              .with("backlog", jobs)
              .with("submit CPU µs/job", submitMicros)
              .with("run CPU µs/job", runMicros)
              .with("CPU µs/job", submitMicros + runMicros)
              .with(
                  "of it idling µs/job",
                  idleCores * (submit.seconds() + run.seconds()) * 1e6 / jobs)
              .with("accepted 1/s", load.perSecond())
              .with("drained 1/s", drained)
              .with("resident MiB while waiting", waitingMib)
              .with("called while held", callsAtOnce)
              .with("provider calls", calls)
              .with("foreign cores", Math.max(submit.foreignCores(), run.foreignCores())));
      return submitMicros + runMicros;
    } finally {
      bench.mock().hold(false);
    }
  }
}
