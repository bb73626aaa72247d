package dev.sluice.ledgercheck.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.ledgercheck.core.Account;
import dev.sluice.ledgercheck.core.Disturbance;
import dev.sluice.ledgercheck.core.LimitUse;
import dev.sluice.ledgercheck.core.Verdict;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// The short forms: `sluice up` is killed five times under load; and of services that run apart,
/// the router that decides is frozen and the one that took over is killed. The ledgers must agree.
///
/// `-Dledger.seed=N` repeats a run's draws; `-Dledger.jobs`, `-Dledger.kills` make the first
/// shorter. The folder stays, so that a violation can be looked at.
class LedgerCheckE2E {
  private static final int JOBS = Integer.getInteger("ledger.jobs", 2_000);
  private static final int KILLS = Integer.getInteger("ledger.kills", 5);
  private static final int PER_SECOND = 60;
  private static final int SPLIT_JOBS = 400;
  private static final int SPLIT_KILLS = 2;
  private static final int SPLIT_PER_SECOND = 20;

  /// Far longer than the other router takes to notice.
  private static final Duration ROUTER_FROZEN = Duration.ofSeconds(15);

  private static final PrintStream PROGRESS = System.err;

  private final long seed = Long.getLong("ledger.seed", System.nanoTime() & 0xffffff);

  @Test
  void losesRepeatsAndMischargesNothingWhenKilledUnderLoad() throws Exception {
    Campaign campaign = campaign(JOBS, KILLS, PER_SECOND, Optional.empty());

    Verdict verdict = campaign.run();

    String report = report(verdict);
    assertClean(verdict, campaign, JOBS, KILLS);
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

  @Test
  void losesRepeatsAndMischargesNothingWhenRoutersAreFrozenAndKilled() throws Exception {
    Campaign campaign =
        campaign(SPLIT_JOBS, SPLIT_KILLS, SPLIT_PER_SECOND, Optional.of(ROUTER_FROZEN));

    Verdict verdict = campaign.run();

    assertClean(verdict, campaign, SPLIT_JOBS, SPLIT_KILLS);
    List<Disturbance.Kind> ofRouters =
        campaign.ledgers().read().disturbances().stream()
            .filter(disturbance -> disturbance.target().startsWith("router"))
            .map(Disturbance::kind)
            .toList();
    assertEquals(List.of(Disturbance.Kind.FREEZE, Disturbance.Kind.KILL), ofRouters);
  }

  /// @param routerFrozen of services that run apart; empty for `sluice up`
  private Campaign campaign(int jobs, int kills, int perSecond, Optional<Duration> routerFrozen)
      throws IOException {
    Path module = Path.of("").toAbsolutePath();
    Files.createDirectories(module.resolve("target"));
    Path folder = Files.createTempDirectory(module.resolve("target"), "ledger-check-" + seed + "-");
    CampaignOptions options =
        new CampaignOptions(
            module.resolveSibling("sluice"),
            folder,
            seed,
            jobs,
            kills,
            Duration.ZERO,
            perSecond,
            routerFrozen.isPresent(),
            routerFrozen);
    return new Campaign(options, PROGRESS::println);
  }

  private String report(Verdict verdict) {
    return String.join("\n", verdict.lines(seed));
  }

  private void assertClean(Verdict verdict, Campaign campaign, int jobs, int kills) {
    String report = report(verdict);
    PROGRESS.println(report);
    assertTrue(verdict.clean(), () -> report + "\nledgers in " + campaign.ledgers().folder());
    assertTrue(verdict.counts().accepted() >= jobs, report);
    assertTrue(verdict.counts().disturbances() >= kills, report);
  }
}
