package dev.sluice.metering.topology;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.contract.avro.CostBucket;
import dev.sluice.contract.avro.CountedEntries;
import dev.sluice.contract.model.JobId;
import dev.sluice.contract.serde.RecordSerdes;
import dev.sluice.metering.core.Amount;
import dev.sluice.metering.core.BucketKey;
import dev.sluice.metering.core.CostLine;
import dev.sluice.metering.core.JobKeys;
import dev.sluice.metering.core.Period;
import dev.sluice.testkit.serde.MemorySchemaRegistry;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is remembered beside a store never says anything but what the store would say.
class StoresTopologyTest {
  private static final Instant AT = Instant.parse("2026-11-21T08:30:00Z");

  private final RecordSerdes serdes = RecordSerdes.over(new MemorySchemaRegistry());
  private final MockProcessorContext<byte[], Object> context = new MockProcessorContext<>();

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5})
  void countedJobsAreThoseOfTheStore(int seed) {
    KeyValueStore<Bytes, CountedEntries> store =
        store(StoreNames.COUNTED, Serdes.Bytes(), CountedEntries.class);
    Random random = new Random(seed);
    TreeMap<JobId, CountedEntries> expected = new TreeMap<>();
    CountedStore counted = new CountedStore(context);

    // More than it remembers.
    for (int step = 0; step < 60_000; step++) {
      JobId job = JobId.create(AT.plusMillis(step + random.nextInt(30_000)), 0, 0, 1);
      assertEquals(expected.get(job), counted.get(job));
      CountedEntries entries = new CountedEntries(true, List.of("c" + step));
      counted.put(job, entries);
      expected.put(job, entries);
      if (random.nextInt(100) == 0) {
        forgetOldest(store, expected);
      }
      if (random.nextInt(10_000) == 0) {
        counted = new CountedStore(context);
      }
    }
    CountedStore last = counted;
    expected.forEach((job, entries) -> assertEquals(entries, last.get(job)));
  }

  private static void forgetOldest(
      KeyValueStore<Bytes, CountedEntries> store, TreeMap<JobId, CountedEntries> expected) {
    for (int i = 0; i < 30 && !expected.isEmpty(); i++) {
      store.delete(Bytes.wrap(JobKeys.of(expected.pollFirstEntry().getKey())));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5})
  void totalsAreThoseOfTheStore(int seed) {
    KeyValueStore<String, CostBucket> store =
        store(StoreNames.TOTALS, Serdes.String(), CostBucket.class);
    Random random = new Random(seed);
    Map<BucketKey, Long> expected = new HashMap<>();
    TotalsStore totals = new TotalsStore(context);

    for (int step = 0; step < 10_000; step++) {
      // A few often, and more than it remembers now and then.
      int tenant = random.nextInt(random.nextBoolean() ? 3 : 3_000);
      BucketKey key = new BucketKey(Period.HOURLY, AT, "t" + tenant, "m", "k", Map.of());
      TotalsStore.Total total = totals.add(key, List.of(attempt()));
      assertEquals(expected.merge(key, 1L, Long::sum), total.bucket().getAttempts());
      assertEquals(total.bucket(), store.get(total.name()));
      if (random.nextInt(2_000) == 0) {
        totals = new TotalsStore(context);
      }
    }
  }

  private static CostLine attempt() {
    return new CostLine.Attempt("e", new Amount.Usd(new BigDecimal("0.1")));
  }

  private <K, V extends SpecificRecord> KeyValueStore<K, V> store(
      String name, Serde<K> keys, Class<V> type) {
    KeyValueStore<K, V> store =
        Stores.keyValueStoreBuilder(
                Stores.inMemoryKeyValueStore(name), keys, serdes.forRecord(type))
            .withLoggingDisabled()
            .build();
    store.init(context.getStateStoreContext(), store);
    context.addStateStore(store);
    return store;
  }
}
