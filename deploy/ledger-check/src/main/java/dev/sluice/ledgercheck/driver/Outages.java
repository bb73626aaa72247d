package dev.sluice.ledgercheck.driver;

import dev.sluice.ledgercheck.client.Pause;
import dev.sluice.ledgercheck.core.Disturbance;
import dev.sluice.ledgercheck.ledger.LedgerFile;
import dev.sluice.ledgercheck.mock.MockProvider;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// Takes the first provider down for two kills of every four.
///
/// Used by the driver's thread.
final class Outages {
  private static final int CYCLE = 4;
  private static final int LENGTH = 2;

  /// First it is down with all else well.
  private static final Duration BEFORE_A_KILL = Duration.ofSeconds(7);

  private final MockProvider provider;
  private final LedgerFile disturbances;
  private Optional<Instant> since = Optional.empty();

  Outages(MockProvider provider, LedgerFile disturbances) {
    this.provider = provider;
    this.disturbances = disturbances;
  }

  /// To be called before each kill or freeze, with the number of those that were.
  void beforeKill(int done) throws InterruptedException {
    boolean down = done % CYCLE != 0 && done % CYCLE <= LENGTH;
    if (down && since.isEmpty()) {
      since = Optional.of(Instant.now());
      provider.setFirstIsDown(true);
      Pause.of(BEFORE_A_KILL);
    } else if (!down) {
      end();
    }
  }

  void end() {
    since.ifPresent(from -> {
      Instant until = Instant.now();
      provider.setFirstIsDown(false);
      disturbances.appendForced(new Disturbance(Disturbance.Kind.OUTAGE, "first", from, until));
    });
    since = Optional.empty();
  }
}
