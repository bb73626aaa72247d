package dev.sluice.bench.scenario;

import dev.sluice.bench.core.Percentiles;
import dev.sluice.bench.core.Schedule;
import dev.sluice.bench.load.LoadResult;
import dev.sluice.bench.load.OpenLoop;
import dev.sluice.bench.load.Target;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;

/// How long a tenant's jobs wait, alone and beside others'.
final class FairWaits {
  /// Tokens of a job: a fifth of a second.
  static final int TOKENS = 2_000;

  /// Jobs that fill the pool.
  private static final double PER_SECOND =
      (double) FairnessPolicy.SLOTS * FairnessPolicy.TOKENS_PER_SECOND / TOKENS;

  /// Part of the pool that the quiet tenant asks for; the rest is the noisy one's share.
  static final double QUIET = 0.4;

  /// What the noisy one asks for in multiples of its share.
  static final int NOISE = 100;

  /// Well below the share of their class, so that they do not wait for each other.
  private static final double URGENT_PER_SECOND = 60;

  private static final int CONNECTIONS = 128;

  private final FairnessRig rig;

  FairWaits(FairnessRig rig) {
    this.rig = rig;
  }

  /// Alone.
  Percentiles alone() throws IOException, InterruptedException {
    Percentiles waits = quiet();
    row("WAIT alone", 0, waits);
    return waits;
  }

  /// Beside one that asks for just the rest of the pool.
  Percentiles besideOneAtItsShare() throws IOException, InterruptedException {
    long before = rig.ends().countOf(rig.policy().noisy());
    Target noise = rig.job(rig.policy().noisy(), Fairness.STANDARD, TOKENS);
    Schedule schedule = new Schedule((1 - QUIET) * PER_SECOND, rig.measured());
    FutureTask<LoadResult> offered =
        new FutureTask<>(() -> OpenLoop.run(noise, schedule, CONNECTIONS));
    Thread.ofPlatform().name("noisy").start(offered);
    Percentiles waits = quiet();
    try {
      rig.findings().require(offered.get().errors() == 0);
    } catch (ExecutionException e) {
      throw new IOException("the noisy tenant's jobs were not given in", e);
    }
    rig.findings()
        .require(
            Wait.until(
                FairnessRig.LONG,
                () -> rig.ends().countOf(rig.policy().noisy()) - before >= schedule.count()));
    row("WAIT beside one at its share", 0, waits);
    return waits;
  }

  /// Beside one that has given in what is its share of many times the measured time.
  Percentiles besideNoise() throws IOException, InterruptedException {
    double due = (1 - QUIET) * PER_SECOND * rig.measured().toSeconds();
    int jobs = (int) Math.ceil(NOISE * due);
    rig.pile(Fairness.STANDARD, TOKENS, jobs);
    Percentiles waits = quiet();
    row("WAIT beside one at %d times its share".formatted(NOISE), jobs, waits);
    return waits;
  }

  /// Interactive jobs of a tenant while so many batch jobs of the noisy one wait.
  Percentiles urgent(String name, String tenant, int batch)
      throws IOException, InterruptedException {
    rig.pile(Fairness.BATCH, TOKENS, batch);
    Percentiles waits = of(tenant, Fairness.INTERACTIVE, URGENT_PER_SECOND);
    row("URGENT " + name, batch, waits);
    return waits;
  }

  private Percentiles quiet() throws IOException, InterruptedException {
    return of(rig.policy().quiet(), Fairness.STANDARD, QUIET * PER_SECOND);
  }

  private Percentiles of(String tenant, String priority, double perSecond)
      throws IOException, InterruptedException {
    Schedule schedule = new Schedule(perSecond, rig.measured());
    // A job of before would be one of the pile: what is measured has an id of its own time.
    Instant from = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    LoadResult load = OpenLoop.run(rig.job(tenant, priority, TOKENS), schedule, CONNECTIONS);
    rig.findings().require(load.errors() == 0);
    rig.findings()
        .require(
            Wait.until(
                FairnessRig.LONG, () -> givenSince(from, tenant).count() >= schedule.count()));
    Histogram nanos = new Histogram(3);
    givenSince(from, tenant)
        .map(ended -> Duration.between(ended.accepted(), ended.started()))
        .forEach(wait -> nanos.recordValue(Math.max(0, wait.toNanos())));
    return Percentiles.ofNanos(nanos);
  }

  private Stream<EndedJobs.Ended> givenSince(Instant from, String tenant) {
    return rig.ends()
        .all()
        .filter(ended -> ended.tenant().equals(tenant))
        .filter(ended -> !ended.accepted().isBefore(from));
  }

  private void row(String name, double waiting, Percentiles waits) {
    rig.row(name, Double.NaN, FairnessRig.Portions.NONE, waiting, waits);
  }
}
