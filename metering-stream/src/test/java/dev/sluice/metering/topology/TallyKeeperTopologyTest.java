package dev.sluice.metering.topology;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.contract.avro.AttemptContext;
import dev.sluice.contract.avro.CostBucket;
import dev.sluice.contract.avro.Settlement;
import dev.sluice.contract.avro.Usage;
import dev.sluice.contract.serde.RecordSerdes;
import dev.sluice.metering.core.Amount;
import dev.sluice.metering.core.CostLine;
import dev.sluice.testkit.serde.MemorySchemaRegistry;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.Test;

class TallyKeeperTopologyTest {
  private static final Duration PAUSE = Duration.ofMillis(200);
  private static final long NOW = 1_000_000;

  private final KeyValueStore<String, CostBucket> store =
      Stores.keyValueStoreBuilder(
              Stores.inMemoryKeyValueStore(StoreNames.TOTALS),
              Serdes.String(),
              RecordSerdes.over(new MemorySchemaRegistry()).forRecord(CostBucket.class))
          .withLoggingDisabled()
          .build();

  @Test
  void totalNotYetWrittenAtACrashIsWrittenAfterIt() {
    MockProcessorContext<byte[], CostBucket> before = context();
    store.init(before.getStateStoreContext(), store);
    TallyKeeper crashing = keeper(before);
    crashing.process(attempt());
    crashing.process(attempt());
    assertEquals(List.of(1L, 1L, 1L), written(before));

    MockProcessorContext<byte[], CostBucket> after = context();
    keeper(after);
    fire(after);

    assertEquals(List.of(2L, 2L, 2L), written(after));
  }

  @Test
  void nothingIsLeftToWriteOnceItIsWritten() {
    MockProcessorContext<byte[], CostBucket> before = context();
    store.init(before.getStateStoreContext(), store);
    TallyKeeper keeper = keeper(before);
    keeper.process(attempt());
    keeper.process(attempt());
    fire(before);

    MockProcessorContext<byte[], CostBucket> after = context();
    keeper(after);

    assertEquals(List.of(), after.scheduledPunctuators());
  }

  @Test
  void taskThatStartsAgainKnowsOnlyWhatIsStored() {
    MockProcessorContext<byte[], CostBucket> before = context();
    store.init(before.getStateStoreContext(), store);
    TallyKeeper keeper = keeper(before);
    keeper.process(attempt());
    keeper.process(attempt());
    List<String> aborted = new ArrayList<>();
    store.all().forEachRemaining(entry -> aborted.add(entry.key));
    aborted.forEach(store::delete);

    MockProcessorContext<byte[], CostBucket> after = context();
    after.addStateStore(store);
    after.setCurrentSystemTimeMs(NOW + PAUSE.toMillis());
    keeper.init(after);
    keeper.process(attempt());
    keeper.process(attempt());
    fire(after);

    assertEquals(List.of(1L, 1L, 1L, 2L, 2L, 2L), written(after));
  }

  private static MockProcessorContext<byte[], CostBucket> context() {
    var context = new MockProcessorContext<byte[], CostBucket>();
    context.setCurrentSystemTimeMs(NOW);
    return context;
  }

  private TallyKeeper keeper(MockProcessorContext<byte[], CostBucket> context) {
    context.addStateStore(store);
    TallyKeeper keeper = new TallyKeeper(PAUSE);
    keeper.init(context);
    return keeper;
  }

  private static void fire(MockProcessorContext<byte[], CostBucket> context) {
    context.scheduledPunctuators().getLast().getPunctuator().punctuate(NOW + PAUSE.toMillis());
  }

  private static List<Long> written(MockProcessorContext<byte[], CostBucket> context) {
    return context.forwarded().stream()
        .map(forward -> forward.record().value().getAttempts())
        .toList();
  }

  private static Record<byte[], Counted> attempt() {
    Settlement settlement =
        Settlement.newBuilder()
            .setEntryId("e")
            .setJobId("j")
            .setAttempt(1)
            .setContext(
                AttemptContext.newBuilder()
                    .setTenant("t")
                    .setModel("m")
                    .setPool("p")
                    .setProviderModel("pm")
                    .setReplyPartition(0)
                    .build())
            .setUsage(Usage.newBuilder().setTokens(Map.of()).build())
            .setDelivered(false)
            .setAt(Instant.ofEpochMilli(NOW))
            .build();
    CostLine line = new CostLine.Attempt("e", new Amount.Usd(new BigDecimal("0.1")));
    return new Record<>(new byte[] {1}, new Counted(settlement, List.of(line)), NOW);
  }
}
