package dev.sluice.ledgercheck.driver;

import dev.sluice.ledgercheck.client.ClientLedgers;
import dev.sluice.ledgercheck.client.LiveTarget;
import dev.sluice.ledgercheck.client.LoadClient;
import dev.sluice.ledgercheck.client.Pause;
import dev.sluice.ledgercheck.client.SluiceHttp;
import dev.sluice.ledgercheck.core.FaultMix;
import dev.sluice.ledgercheck.ledger.LedgerFolder;
import dev.sluice.ledgercheck.mock.MockProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/// Measures for how long nobody decides when the active router stops: from the signal to the first
/// transition that the other router logs, under load. Looked at every few milliseconds through the
/// other router's metrics.
///
/// Used by one thread; the load runs on others.
public final class Failover {
  private static final String TRANSITIONS = "sluice_router_transitions_total";
  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(5);
  private static final Duration LIMIT = Duration.ofSeconds(60);

  /// Between a round and the next, so that each begins with two routers that are used to each
  /// other.
  private static final Duration CALM = Duration.ofSeconds(4);

  private static final Duration FROZEN = Duration.ofSeconds(15);

  private final CampaignOptions options;
  private final Consumer<String> progress;

  /// How the active router stops.
  public enum Way {
    /// `kill -9`, and started again on the same folder.
    KILL,
    /// The same, with its state folder gone.
    KILL_AND_LOSE_STATE,
    /// SIGSTOP for 15 s, then SIGCONT.
    FREEZE,
    /// SIGTERM.
    TERMINATE
  }

  /// One measurement.
  public record Round(Way way, Duration silence) {}

  /// @param options of which jobs and kills are not used
  /// @param progress takes one line now and then
  public Failover(CampaignOptions options, Consumer<String> progress) {
    this.options = options;
    this.progress = progress;
  }

  /// @param rounds of each way
  public List<Round> run(int rounds) throws IOException, InterruptedException {
    LedgerFolder ledgers = new LedgerFolder(options.folder().resolve("ledgers"));
    Files.createDirectories(ledgers.folder());
    LiveTarget target = new LiveTarget();
    Path config = options.folder().resolve("sluice.yaml");
    List<Round> measured = new ArrayList<>();
    try (MockProvider provider = new MockProvider(0, ledgers, options.seed(), FaultMix.NONE);
        SluiceHttp http = new SluiceHttp(target);
        ClientLedgers written = new ClientLedgers(ledgers)) {
      Files.writeString(config, SluiceConfig.policy(provider));
      try (SplitFleet fleet = SplitFleet.of(options, config, target)) {
        fleet.start();
        LoadClient client = new LoadClient(options.seed(), http, written, target);
        AtomicBoolean over = new AtomicBoolean();
        Thread load = Thread.ofVirtual().name("load").start(() -> submit(client, over));
        try {
          for (int round = 0; round < rounds; round++) {
            for (Way way : Way.values()) {
              Pause.of(CALM);
              measured.add(measure(fleet, way));
              progress.accept(measured.getLast().toString());
            }
          }
        } finally {
          over.set(true);
          load.join();
        }
      }
    }
    return measured;
  }

  private void submit(LoadClient client, AtomicBoolean over) {
    try {
      // No number of jobs is wanted, and the client then keeps a quarter of its pace.
      client.submit(0, 4 * options.perSecond(), over);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Round measure(SplitFleet fleet, Way way) throws IOException, InterruptedException {
    Member active = fleet.activeRouter();
    Member other =
        fleet.routers().stream().filter(router -> router != active).findFirst().orElseThrow();
    double before = other.metric(TRANSITIONS).orElse(0);
    long stopped = System.nanoTime();
    switch (way) {
      case KILL, KILL_AND_LOSE_STATE -> active.kill();
      case FREEZE -> active.process().freeze();
      case TERMINATE -> active.process().askToEnd();
    }
    Duration silence = awaitDecision(other, before, stopped);
    if (way == Way.FREEZE) {
      Pause.of(FROZEN.minus(silence));
      active.process().resume();
    } else {
      active.kill();
      if (way == Way.KILL_AND_LOSE_STATE) {
        fleet.loseState(active);
      }
      active.start();
    }
    active.awaitReady();
    return new Round(way, silence);
  }

  private static Duration awaitDecision(Member other, double before, long since)
      throws IOException, InterruptedException {
    while (true) {
      boolean decided = other.metric(TRANSITIONS).orElse(0) > before;
      Duration passed = Duration.ofNanos(System.nanoTime() - since);
      if (decided) {
        return passed;
      }
      if (passed.compareTo(LIMIT) > 0) {
        throw new IOException(other.name() + " has not taken over in " + LIMIT);
      }
      Pause.of(BETWEEN_LOOKS);
    }
  }
}
