package dev.sluice.ledgercheck;

import dev.sluice.ledgercheck.core.Checker;
import dev.sluice.ledgercheck.core.FaultMix;
import dev.sluice.ledgercheck.core.Ledgers;
import dev.sluice.ledgercheck.core.Verdict;
import dev.sluice.ledgercheck.driver.Campaign;
import dev.sluice.ledgercheck.driver.CampaignOptions;
import dev.sluice.ledgercheck.driver.Failover;
import dev.sluice.ledgercheck.ledger.LedgerFolder;
import dev.sluice.ledgercheck.mock.MockProvider;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// The command line of the ledger check. The report goes to stdout, progress to stderr; exit 0 when
/// clean, 1 on a violation, 2 on wrong usage.
@Command(
    name = "ledger-check",
    mixinStandardHelpOptions = true,
    description = "Kills Sluice under load and joins what was accepted, called, answered, charged.")
public final class LedgerCheckMain {
  private static final PrintStream OUT = System.out;
  private static final PrintStream PROGRESS = System.err;

  private LedgerCheckMain() {}

  public static void main(String[] arguments) {
    System.exit(new CommandLine(new LedgerCheckMain()).execute(arguments));
  }

  @Command(name = "run", description = "Runs a whole campaign and judges it.")
  int run(
      @Option(names = "--sluice", required = true, description = "The launcher.") Path sluice,
      @Option(names = "--jobs", defaultValue = "2000", description = "Accepted jobs, at least.")
          int jobs,
      @Option(names = "--kills", defaultValue = "5", description = "Disturbances, at least.")
          int kills,
      @Option(names = "--minutes", defaultValue = "0", description = "Trouble, at least so long.")
          int minutes,
      @Option(names = "--rate", defaultValue = "60", description = "POSTs a second.") int rate,
      @Option(names = "--seed", description = "Repeats a campaign's draws.") @Nullable Long seed,
      @Option(names = "--folder", description = "Empty folder for ledgers, data and logs.")
          @Nullable Path folder,
      @Option(names = "--split", description = "Each service as its own process.") boolean split,
      @Option(
              names = "--freeze-router",
              description = "Split: first freezes a router, like 15s, then kills one.")
          @Nullable String freezeRouter)
      throws IOException, InterruptedException {
    long drawn = seed == null ? System.nanoTime() & 0xffffff : seed;
    Path work = folder == null ? Files.createTempDirectory("ledger-check") : folder;
    Optional<Duration> freeze =
        Optional.ofNullable(freezeRouter).map(text -> Duration.parse("PT" + text));
    CampaignOptions options =
        new CampaignOptions(
            sluice, work, drawn, jobs, kills, Duration.ofMinutes(minutes), rate, split, freeze);
    PROGRESS.println("seed " + drawn + ", all files in " + work);
    long began = System.nanoTime();
    Verdict verdict =
        new Campaign(options, line -> PROGRESS.println(seconds(began) + " s  " + line)).run();
    OUT.println("wall " + seconds(began) + " s, ledgers in " + work);
    return report(verdict, drawn);
  }

  @Command(
      name = "failover",
      description = "Measures for how long nobody decides when the active router stops.")
  int failover(
      @Option(names = "--sluice", required = true, description = "The launcher.") Path sluice,
      @Option(names = "--rounds", defaultValue = "5", description = "Of each way to stop it.")
          int rounds,
      @Option(names = "--rate", defaultValue = "60", description = "POSTs a second.") int rate,
      @Option(names = "--folder", description = "Empty folder for data and logs.")
          @Nullable Path folder)
      throws IOException, InterruptedException {
    Path work = folder == null ? Files.createTempDirectory("ledger-check") : folder;
    CampaignOptions options =
        new CampaignOptions(sluice, work, 1, 0, 0, Duration.ZERO, rate, true, Optional.empty());
    List<Failover.Round> measured = new Failover(options, PROGRESS::println).run(rounds);
    OUT.println("| The active router is stopped by | rounds | fastest | median | slowest |");
    OUT.println("|---|---|---|---|---|");
    for (Failover.Way way : Failover.Way.values()) {
      long[] millis =
          measured.stream()
              .filter(round -> round.way() == way)
              .mapToLong(round -> round.silence().toMillis())
              .sorted()
              .toArray();
      OUT.println(
          "| %s | %d | %d ms | %d ms | %d ms |"
              .formatted(
                  way,
                  millis.length,
                  millis[0],
                  millis[millis.length / 2],
                  millis[millis.length - 1]));
    }
    return 0;
  }

  @Command(name = "check", description = "Judges the ledgers of an earlier campaign again.")
  int check(@Parameters(description = "Folder with the ledgers.") Path folder) throws IOException {
    Ledgers ledgers = new LedgerFolder(folder).read();
    return report(Checker.check(ledgers), ledgers.seed());
  }

  @Command(name = "mock", description = "Only the mock provider, until it is stopped.")
  int mock(
      @Option(names = "--port", defaultValue = "0", description = "0 picks one.") int port,
      @Option(names = "--seed", defaultValue = "1", description = "Of all draws.") long seed,
      @Option(names = "--faults", description = "With the check's mix of faults.") boolean faults,
      @Option(names = "--folder", required = true, description = "For its ledger.") Path folder)
      throws IOException, InterruptedException {
    Files.createDirectories(folder);
    FaultMix mix = faults ? FaultMix.OF_THE_CHECK : FaultMix.NONE;
    try (MockProvider mock = new MockProvider(port, new LedgerFolder(folder), seed, mix)) {
      OUT.println("ready " + mock.baseUrl());
      new CountDownLatch(1).await();
    }
    return 0;
  }

  private static int report(Verdict verdict, long seed) {
    verdict.lines(seed).forEach(OUT::println);
    return verdict.clean() ? 0 : 1;
  }

  private static long seconds(long since) {
    return Duration.ofNanos(System.nanoTime() - since).toSeconds();
  }
}
