package dev.sluice.bench.scenario;

import dev.sluice.bench.core.Percentiles;
import java.io.IOException;
import java.util.Locale;

/// Who gets how much of a pool that all want, with tenants spread over four router tasks in two
/// processes.
public final class Fairness implements Scenario {
  static final String INTERACTIVE = "interactive";
  static final String STANDARD = "standard";
  static final String BATCH = "batch";

  @Override
  public String question() {
    int callMillis = FairWaits.TOKENS * 1_000 / FairnessPolicy.TOKENS_PER_SECOND;
    return "One simulated pool of %d calls at once for tenants in four router tasks, two in the process of `sluice up` and two in a router of its own."
            .formatted(FairnessPolicy.SLOTS)
        + " SHARE: fifty tenants, %s of them in the tasks, with jobs of %,d to %,d tokens, all with a backlog; Jain's index is over the tokens of the answers that each got while all had one, least and most are parts of the mean."
            .formatted(FairnessPolicy.SPREAD, FairnessPolicy.SMALLEST, FairnessPolicy.LARGEST)
        + " WAIT: a tenant that asks for %.0f %% of the pool, alone; beside one in another task that asks for just the rest; and beside that one with %d times as much given in as it is due in the measured time."
            .formatted(FairWaits.QUIET * 100, FairWaits.NOISE)
        + " URGENT: interactive jobs while batch jobs of one tenant wait, of another tenant in another task and of that tenant itself."
        + " A wait is from the job's id to the begin of its call, by one machine's clock. Calls take %d ms, so in a full pool a slot becomes free every %.1f ms."
            .formatted(callMillis, (double) callMillis / FairnessPolicy.SLOTS);
  }

  /// Waits of one tenant beside another.
  private record Beside(Percentiles share, Percentiles noise) {
    double movedPercent() {
      return (noise.p99() / share.p99() - 1) * 100;
    }
  }

  @Override
  public Findings run(Bench bench) throws IOException, InterruptedException {
    Findings findings = new Findings();
    double jain;
    Percentiles alone;
    Beside beside;
    try (FairnessRig rig = FairnessRig.start(bench, findings)) {
      rig.warmUp();
      jain = new FairShares(rig).measure();
      FairWaits waits = new FairWaits(rig);
      alone = waits.alone();
      beside = new Beside(waits.besideOneAtItsShare(), waits.besideNoise());
      findings.require(rig.ends().unfit() == 0);
    }
    int batch = bench.options().backlogs().getLast();
    Percentiles urgent = urgent(bench, findings, batch);
    findings.headline(
        String.format(
            Locale.ROOT,
            "Jain's index %.3f over fifty tenants in four tasks; p99 wait of a tenant %.0f ms alone,"
                + " %.0f ms beside one at its share, %.0f ms (%+.0f %%) beside one at %d times it;"
                + " an interactive job overtakes %,d batch jobs in %.0f ms (p99)",
            jain,
            alone.p99(),
            beside.share().p99(),
            beside.noise().p99(),
            beside.movedPercent(),
            FairWaits.NOISE,
            batch,
            urgent.p99()));
    return findings;
  }

  /// In a Sluice of its own, before which nothing waits.
  ///
  /// @return the waits of the tenant whose own jobs are before it
  private static Percentiles urgent(Bench bench, Findings findings, int batch)
      throws IOException, InterruptedException {
    try (FairnessRig rig = FairnessRig.start(bench, findings)) {
      rig.warmUp();
      FairWaits waits = new FairWaits(rig);
      waits.urgent("of another tenant", rig.policy().quiet(), batch);
      Percentiles own = waits.urgent("of the same tenant", rig.policy().noisy(), batch);
      findings.require(rig.ends().unfit() == 0);
      return own;
    }
  }
}
