package dev.sluice.deploy.metering;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.avro.Settlement;
import dev.sluice.contract.serde.RecordSerdes;
import dev.sluice.contract.topic.Topics;
import dev.sluice.deploy.BrokerExtension;
import dev.sluice.deploy.InThisJvm;
import dev.sluice.metering.MeteringService;
import dev.sluice.testkit.Eventually;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

@InThisJvm
@Isolated("it measures")
class MeteringLatencyIT {
  @RegisterExtension static final BrokerExtension BROKER = BrokerExtension.fresh();

  private static final int SETTLEMENTS = 40;
  private static final long SEED = 7;
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final Duration MEDIAN_BOUND = Duration.ofSeconds(1);

  private final RecordSerdes serdes = MeteringProcess.serdes();
  @TempDir Path state;

  @BeforeAll
  static void createTopics() {
    BROKER.createTopics(Topics.fixed());
  }

  @Test
  void rowIsReadableWithinASecondOfItsSettlement() throws Exception {
    List<Settlement> settlements = TestLedger.settlements(SETTLEMENTS, new Random(SEED));
    try (MeteringService metering =
            MeteringProcess.service(BROKER.bootstrapServers(), state.resolve("steady"));
        var writer = new LedgerWriter(BROKER.clients(), serdes);
        var finance = new Finance(BROKER.clients(), serdes, Topics.COSTS)) {
      metering.start();
      Eventually.await("ready", LIMIT, metering::ready);
      millisToRow(writer, finance, settlements.getFirst());

      long[] millis =
          settlements.stream()
              .skip(1)
              .mapToLong(settlement -> millisToRow(writer, finance, settlement))
              .sorted()
              .toArray();

      assertTrue(millis[millis.length / 2] < MEDIAN_BOUND.toMillis(), Arrays.toString(millis));
    }
  }

  private static long millisToRow(LedgerWriter writer, Finance finance, Settlement settlement) {
    long begin = System.nanoTime();
    writer.write(List.of(settlement));
    try {
      Eventually.await(
          "row of " + settlement.getEntryId(),
          LIMIT,
          () ->
              finance.rows().stream()
                  .anyMatch(row -> row.getEntryId().equals(settlement.getEntryId())));
    } catch (Exception e) {
      throw new AssertionError(e);
    }
    return Duration.ofNanos(System.nanoTime() - begin).toMillis();
  }
}
