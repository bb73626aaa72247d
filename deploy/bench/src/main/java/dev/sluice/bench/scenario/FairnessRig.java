package dev.sluice.bench.scenario;

import dev.sluice.bench.core.Percentiles;
import dev.sluice.bench.load.ClosedLoop;
import dev.sluice.bench.load.LoadResult;
import dev.sluice.bench.load.OpenLoop;
import dev.sluice.bench.load.Target;
import dev.sluice.bench.process.SluiceProcess;
import dev.sluice.bench.report.Row;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;

/// What the fairness scenario tests: Sluice with two of four router tasks, and a router in a
/// process of its own with the other two. What waits at its end is given up.
record FairnessRig(
    Bench bench,
    Findings findings,
    FairnessPolicy policy,
    SluiceProcess sluice,
    SluiceProcess second,
    EndedJobs ends)
    implements AutoCloseable {
  static final Duration LONG = Duration.ofMinutes(10);

  private static final int CALLERS = 64;
  private static final int CONNECTIONS = 64;

  /// Given in beyond what is wanted, for what ends meanwhile.
  private static final int SPARE = 500;

  static FairnessRig start(Bench bench, Findings findings)
      throws IOException, InterruptedException {
    FairnessPolicy policy = new FairnessPolicy();
    Path folder = bench.newFolder();
    Path launcher = bench.options().launcher();
    SluiceProcess sluice =
        SluiceProcess.start(launcher, folder, policy.configuration(), policy.environment());
    try {
      SluiceProcess second = sluice.router(launcher, folder, bench.newFolder());
      int each = FairnessPolicy.TASKS / 2;
      findings.require(Wait.until(LONG, () -> tasks(sluice) == each && tasks(second) == each));
      return new FairnessRig(bench, findings, policy, sluice, second, new EndedJobs(sluice));
    } catch (IOException | InterruptedException e) {
      sluice.kill();
      throw e;
    }
  }

  private static double tasks(SluiceProcess process) throws IOException, InterruptedException {
    return process.metric("sluice_router_tasks");
  }

  Duration measured() {
    return bench.options().measured();
  }

  Target job(String tenant, String priority, int tokens) {
    return FairnessPolicy.job(sluice.http(), tenant, priority, tokens);
  }

  /// Load that no figure counts, of the smallest jobs; returns when all have ended.
  void warmUp() throws IOException, InterruptedException {
    bench.say("warming up: %d jobs".formatted(bench.warmUp().count()));
    Target job = job(policy.noisy(), Fairness.STANDARD, FairnessPolicy.SMALLEST);
    LoadResult load = OpenLoop.run(job, bench.warmUp(), CONNECTIONS);
    findings.require(load.errors() == 0);
    findings.require(Wait.until(LONG, () -> ends.count() >= bench.warmUp().count()));
  }

  /// Gives in each of these once.
  void submit(List<Target> jobs) throws IOException, InterruptedException {
    LoadResult load = ClosedLoop.each(jobs, CALLERS);
    bench.say("%d jobs given in, %.0f a second".formatted(jobs.size(), load.perSecond()));
    findings.require(load.errors() == 0);
  }

  /// Gives in jobs of the noisy tenant until so many or a few more have not ended. The pool works
  /// on meanwhile.
  void pile(String priority, int tokens, long count) throws IOException, InterruptedException {
    Target job = job(policy.noisy(), priority, tokens);
    long ended = ends.countOf(policy.noisy());
    long left = count;
    long given = 0;
    while (left > 0) {
      int next = Math.toIntExact(left + SPARE);
      submit(Collections.nCopies(next, job));
      given += next;
      left = count - (given - (ends.countOf(policy.noisy()) - ended));
    }
  }

  /// One line of the one table: what has no meaning in it is NaN.
  void row(String what, double jain, Portions portions, double waiting, Percentiles waits) {
    Row row =
        new Row()
            .with("what", what)
            .with("Jain's index", jain)
            .with("least", portions.least())
            .with("most", portions.most())
            .with("slots used", portions.used())
            .with("others' jobs waiting", waiting)
            .with("wait", waits);
    findings.row(row);
    bench.say(row.values().toString());
  }

  /// @param least what who got least has, as a part of the mean
  /// @param most what who got most has, as a part of the mean
  /// @param used part of the pool's time in which it called
  record Portions(double least, double most, double used) {
    static final Portions NONE = new Portions(Double.NaN, Double.NaN, Double.NaN);
  }

  @Override
  public void close() {
    ends.close();
    try {
      second.kill();
      sluice.kill();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
