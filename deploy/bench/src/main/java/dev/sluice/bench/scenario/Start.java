package dev.sluice.bench.scenario;

import dev.sluice.bench.load.ClosedLoop;
import dev.sluice.bench.load.LoadResult;
import dev.sluice.bench.load.Target;
import dev.sluice.bench.process.SluiceProcess;
import dev.sluice.bench.report.Row;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;

/// How long a start takes, also with much in the log.
public final class Start implements Scenario {
  private static final int CALLERS = 64;
  private static final String ROUTER_START = "sluice_service_start_seconds{service=\"router\"";
  private static final Duration LONGEST_RUN = Duration.ofMinutes(30);

  @Override
  public String question() {
    return "Time from the launcher's start to the ready line and to the end of the first answer:"
        + " on an empty folder, again after SIGTERM, after kill -9, and, with --waiting or"
        + " --finished, after kill -9 with so many jobs in the log. Of that, the router's part: from"
        + " its start, when the broker is there, until it has its jobs back and can serve. Builds"
        + " and downloads are apart; files are in the page cache.";
  }

  @Override
  public Findings run(Bench bench) throws IOException, InterruptedException {
    Findings findings = new Findings();
    double worst = 0;
    for (int i = 0; i < bench.options().rounds(); i++) {
      Path folder = bench.newFolder();
      SluiceProcess sluice = measured(bench, findings, folder, "first");
      sluice.terminate();
      sluice = measured(bench, findings, folder, "after SIGTERM");
      sluice.kill();
      sluice = measured(bench, findings, folder, "after kill -9");
      worst = Math.max(worst, sluice.readyAfter().toMillis() / 1e3);
      sluice.terminate();
    }
    if (bench.options().waiting() + bench.options().finished() > 0) {
      worst = Math.max(worst, loaded(bench, findings));
    }
    findings.headline(String.format(Locale.ROOT, "ready within %.1f s after kill -9", worst));
    return findings;
  }

  /// Fills the log, kills, starts again.
  private static double loaded(Bench bench, Findings findings)
      throws IOException, InterruptedException {
    int finished = bench.options().finished();
    int waiting = bench.options().waiting();
    Path folder = bench.newFolder();
    SluiceProcess sluice = bench.start(folder);
    try {
      Target job = Bench.job(sluice.http());
      long before = bench.mock().count();
      bench.say("running " + finished + " jobs");
      LoadResult ran = ClosedLoop.times(job, CALLERS, finished);
      findings.require(ran.errors() == 0);
      findings.require(Wait.until(LONGEST_RUN, () -> bench.mock().count() - before >= finished));
      Wait.untilIdle(sluice.pid());
      bench.mock().hold(true);
      bench.say("submitting " + waiting + " jobs that wait");
      LoadResult queued = ClosedLoop.times(job, CALLERS, waiting);
      findings.require(queued.errors() == 0);
      sluice.kill();
      bench.mock().hold(false);
      sluice =
          measured(
              bench,
              findings,
              folder,
              "after kill -9, %,d waiting, %,d finished".formatted(waiting, finished));
      return sluice.readyAfter().toMillis() / 1e3;
    } finally {
      bench.mock().hold(false);
      sluice.terminate();
    }
  }

  private static SluiceProcess measured(Bench bench, Findings findings, Path folder, String kind)
      throws IOException, InterruptedException {
    long began = System.nanoTime();
    SluiceProcess sluice = bench.start(folder);
    LoadResult first = ClosedLoop.times(Bench.chat(sluice.http(), false), 1, 1);
    double answered = (System.nanoTime() - began) / 1e9;
    findings.require(first.errors() == 0);
    findings.row(
        new Row()
            .with("start", kind)
            .with("ready s", sluice.readyAfter().toMillis() / 1e3)
            .with("router s", sluice.metric(ROUTER_START))
            .with("first answer s", answered)
            .with("wrong", first.wrong().toString()));
    return sluice;
  }
}
