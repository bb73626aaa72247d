package dev.sluice.bench.scenario;

import dev.sluice.bench.core.Schedule;
import dev.sluice.bench.load.LoadResult;
import dev.sluice.bench.load.OpenLoop;
import dev.sluice.bench.process.Kernel;
import dev.sluice.bench.process.SluiceProcess;
import dev.sluice.bench.report.Row;
import java.io.IOException;
import java.time.Duration;
import java.util.Locale;

/// How much memory the whole process holds.
public final class Memory implements Scenario {
  private static final Duration REST = Duration.ofSeconds(20);
  private static final double RATE = 200;

  @Override
  public String question() {
    return "Resident memory of Sluice with its broker under the launcher's own heap settings: idle"
        + " after the start, after 200 requests a second, and idle again; with the CPU it uses"
        + " while idle.";
  }

  @Override
  public Findings run(Bench bench) throws IOException, InterruptedException {
    Findings findings = new Findings();
    try (SluiceProcess sluice = bench.start()) {
      double idleMib = idle(sluice, findings, "idle after start");
      LoadResult load =
          OpenLoop.run(
              Bench.chat(sluice.http(), false),
              new Schedule(RATE, bench.options().warmUp().plus(bench.options().measured())),
              64);
      findings.require(load.errors() == 0);
      row(sluice, findings, "after load", Double.NaN);
      idle(sluice, findings, "idle after load");
      findings.headline(String.format(Locale.ROOT, "%.0f MiB resident when idle", idleMib));
    }
    return findings;
  }

  private static double idle(SluiceProcess sluice, Findings findings, String when)
      throws IOException, InterruptedException {
    double cores = Wait.coresWhileIdle(sluice.pid(), REST);
    row(sluice, findings, when, cores);
    return Kernel.residentMib(sluice.pid());
  }

  private static void row(SluiceProcess sluice, Findings findings, String when, double idleCores)
      throws IOException {
    findings.row(
        new Row()
            .with("when", when)
            .with("resident MiB", Kernel.residentMib(sluice.pid()))
            .with("peak MiB", Kernel.peakResidentMib(sluice.pid()))
            .with("cores used while idle", idleCores));
  }
}
