package dev.sluice.deploy.metering;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.contract.avro.CostBucket;
import dev.sluice.contract.avro.CostRow;
import dev.sluice.contract.avro.Settlement;
import dev.sluice.contract.serde.RecordSerdes;
import dev.sluice.contract.topic.Topic;
import dev.sluice.contract.topic.Topics;
import dev.sluice.deploy.BrokerExtension;
import dev.sluice.deploy.InThisJvm;
import dev.sluice.deploy.metering.Finance.Sums;
import dev.sluice.testkit.Eventually;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

@InThisJvm
class MeteringKillIT {
  @RegisterExtension static final BrokerExtension BROKER = BrokerExtension.fresh();

  private static final int KILLS = 4;
  private static final int JOBS = 1_500;
  private static final long SEED = 20261121;
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final RecordSerdes serdes = MeteringProcess.serdes();
  @TempDir Path state;

  @Test
  void everyCallIsCountedOnceAcrossKillsAndRepeats() throws Exception {
    BROKER.createTopics(Topics.fixed());
    var random = new Random(SEED);
    List<Settlement> settlements = TestLedger.settlements(JOBS, random);
    List<Settlement> ledger = repeated(settlements, random);
    long expectedRows = lines(Sums.ofSettlements(settlements));
    List<CostRow> rows = new ArrayList<>();

    try (var writer = new LedgerWriter(BROKER.clients(), serdes);
        var finance = new Finance(BROKER.clients(), serdes, Topics.COSTS)) {
      for (int kill = 0; kill <= KILLS; kill++) {
        int before = rows.size();
        writer.writeGarbage();
        writer.write(slice(ledger, kill));
        MeteringProcess metering = MeteringProcess.start(BROKER.bootstrapServers(), state);
        try (metering) {
          boolean last = kill == KILLS;
          Eventually.await(
              "rows after start " + kill,
              LIMIT,
              () -> {
                rows.addAll(finance.rows());
                return last ? rows.size() >= expectedRows : rows.size() > before;
              });
          if (last) {
            awaitProcessed(writer, settlements, random, finance, rows);
            awaitTotals(Sums.ofSettlements(settlements));
          }
        }
      }
      rows.addAll(finance.rows());
    }

    Sums expected = Sums.ofSettlements(settlements);
    assertEquals(lines(expected), rows.stream().map(CostRow::getEntryId).distinct().count());
    assertEquals(expected, Sums.ofRows(rows));
  }

  /// A new call at the very end is counted only after all repeats before it.
  private void awaitProcessed(
      LedgerWriter writer,
      List<Settlement> settlements,
      Random random,
      Finance finance,
      List<CostRow> rows)
      throws Exception {
    writer.write(repeated(settlements, random));
    Settlement marker = TestLedger.settlements(1, random).getFirst();
    writer.write(List.of(marker));
    List<CostRow> late = new ArrayList<>();
    Eventually.await(
        "the row after all repeats",
        LIMIT,
        () -> {
          late.addAll(finance.rows());
          return late.stream().anyMatch(row -> row.getEntryId().equals(marker.getEntryId()));
        });
    settlements.add(marker);
    rows.addAll(late);
  }

  private static long lines(Sums sums) {
    return sums.attempts() + sums.charges();
  }

  /// Each call one to three times, in any order.
  private static List<Settlement> repeated(List<Settlement> settlements, Random random) {
    List<Settlement> ledger = new ArrayList<>();
    for (Settlement settlement : settlements) {
      ledger.addAll(Collections.nCopies(1 + random.nextInt(3), settlement));
    }
    Collections.shuffle(ledger, random);
    return ledger;
  }

  private static List<Settlement> slice(List<Settlement> ledger, int part) {
    int parts = KILLS + 1;
    return ledger.subList(ledger.size() * part / parts, ledger.size() * (part + 1) / parts);
  }

  /// Totals are written some time after the rows, by this process or, were it killed, by the next.
  private void awaitTotals(Sums expected) throws Exception {
    for (Topic topic : List.of(Topics.COSTS_HOURLY, Topics.COSTS_DAILY, Topics.COSTS_MONTHLY)) {
      Map<String, CostBucket> totals = new TreeMap<>();
      try (var finance = new Finance(BROKER.clients(), serdes, topic)) {
        Eventually.await(
            topic.name() + " adds up to " + expected,
            LIMIT,
            () -> {
              totals.putAll(finance.totals());
              return expected.equals(Sums.ofTotals(totals.values()));
            });
      }
    }
  }
}
