package dev.sluice.ledgercheck.driver;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.ledgercheck.core.Account;
import dev.sluice.ledgercheck.core.LimitUse;
import dev.sluice.ledgercheck.core.Verdict;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// The short form: `sluice up` is killed five times under load, and the ledgers must agree.
///
/// `-Dledger.seed=N` repeats a run's draws; `-Dledger.jobs`, `-Dledger.kills` make it shorter. The
/// folder stays, so that a violation can be looked at.
class LedgerCheckE2E {
  private static final int JOBS = Integer.getInteger("ledger.jobs", 2_000);
  private static final int KILLS = Integer.getInteger("ledger.kills", 5);
  private static final int PER_SECOND = 60;
  private static final PrintStream PROGRESS = System.err;

  @Test
  void losesRepeatsAndMischargesNothingWhenKilledUnderLoad() throws Exception {
    long seed = Long.getLong("ledger.seed", System.nanoTime() & 0xffffff);
    Path module = Path.of("").toAbsolutePath();
    Files.createDirectories(module.resolve("target"));
    Path folder = Files.createTempDirectory(module.resolve("target"), "ledger-check-" + seed + "-");
    CampaignOptions options =
        new CampaignOptions(
            module.resolveSibling("sluice"),
            folder,
            seed,
            JOBS,
            KILLS,
            Duration.ZERO,
            PER_SECOND,
            false,
            Optional.empty());

    Verdict verdict = new Campaign(options, PROGRESS::println).run();

    String report = String.join("\n", verdict.lines(seed));
    PROGRESS.println(report);
    assertTrue(verdict.clean(), () -> report + "\nledgers in " + folder);
    assertTrue(verdict.counts().accepted() >= JOBS, report);
    assertTrue(verdict.counts().disturbances() >= KILLS, report);
    Verdict.Handled handled = verdict.handled();
    assertTrue(handled.refused() > 0, report);
    assertTrue(handled.givenAgain() > 0, report);
    assertTrue(handled.coalesced() > 0, report);
    assertTrue(handled.answeredByOther() > 0, report);
    for (LimitUse use : handled.uses()) {
      // Those of the echo are only there to be added up.
      boolean small = use.limit().account() != Account.ECHO_A;
      assertTrue(!small || use.most() * 3 > use.limit().amount(), () -> use + "\n" + report);
    }
  }
}
