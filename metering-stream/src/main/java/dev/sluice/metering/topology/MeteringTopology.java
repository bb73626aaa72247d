package dev.sluice.metering.topology;

import dev.sluice.contract.avro.ComparedRoute;
import dev.sluice.contract.avro.CostBucket;
import dev.sluice.contract.avro.CostRow;
import dev.sluice.contract.avro.CountedEntries;
import dev.sluice.contract.avro.DeadLetter;
import dev.sluice.contract.avro.LedgerMark;
import dev.sluice.contract.avro.Settlement;
import dev.sluice.contract.model.Policy;
import dev.sluice.contract.serde.RecordSerdes;
import dev.sluice.contract.topic.Topic;
import dev.sluice.contract.topic.Topics;
import dev.sluice.metering.core.Period;
import java.time.Duration;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/// The whole graph of metering: ledger → rows → totals, one sub-topology, one transaction.
///
/// Everything of a tenant is in one ledger partition, so the partition count of the metering topics
/// must not change once they hold records.
public final class MeteringTopology {
  /// Kafka Streams does not shorten an active segment by itself, and an active segment is never
  /// compacted: small ones keep a restore short.
  private static final Map<String, String> CHANGELOG =
      Map.of(
          "segment.bytes",
          Integer.toString(16 * 1024 * 1024),
          "min.cleanable.dirty.ratio",
          Topic.DIRTY_RATIO,
          "delete.retention.ms",
          "600000");

  private final RecordSerdes serdes;
  private final Supplier<Policy> policies;
  private final ForgettingRule forgetting;
  private final Duration totalsPause;
  private final MeteringMeters meters;

  /// @param totalsPause between two writings of totals to their topics
  public MeteringTopology(
      RecordSerdes serdes,
      Supplier<Policy> policies,
      ForgettingRule forgetting,
      Duration totalsPause,
      MeteringMeters meters) {
    this.serdes = serdes;
    this.policies = policies;
    this.forgetting = forgetting;
    this.totalsPause = totalsPause;
    this.meters = meters;
  }

  public Topology build() {
    Serde<Settlement> settlements = serdes.forRecord(Settlement.class);
    ByteArrayDeserializer bytesIn = new ByteArrayDeserializer();
    ByteArraySerializer keys = new ByteArraySerializer();
    Serializer<CostBucket> buckets = serializer(CostBucket.class);
    return new Topology()
        .addSource(NodeNames.LEDGER, bytesIn, bytesIn, Topics.LEDGER.name())
        .addProcessor(
            NodeNames.READ,
            () -> new LedgerReader(settlements.deserializer(), meters),
            NodeNames.LEDGER)
        .addProcessor(
            NodeNames.COUNT,
            () -> new OnceCounter(forgetting, new PriceVerifier(policies, meters), meters),
            NodeNames.READ)
        .addProcessor(NodeNames.TALLY, () -> new TallyKeeper(totalsPause), NodeNames.COUNT)
        .addProcessor(NodeNames.COMPARE, RouteComparer::new, NodeNames.COUNT)
        .addStateStore(progressStore(), NodeNames.READ, NodeNames.COUNT)
        .addStateStore(countedStore(), NodeNames.COUNT)
        .addStateStore(totalsStore(), NodeNames.TALLY)
        .addStateStore(comparedStore(), NodeNames.COMPARE)
        .addSink(
            NodeNames.COSTS, Topics.COSTS.name(), keys, serializer(CostRow.class), NodeNames.COUNT)
        .addSink(
            NodeNames.costs(Period.HOURLY),
            Topics.COSTS_HOURLY.name(),
            keys,
            buckets,
            NodeNames.TALLY)
        .addSink(
            NodeNames.costs(Period.DAILY),
            Topics.COSTS_DAILY.name(),
            keys,
            buckets,
            NodeNames.TALLY)
        .addSink(
            NodeNames.costs(Period.MONTHLY),
            Topics.COSTS_MONTHLY.name(),
            keys,
            buckets,
            NodeNames.TALLY)
        .addSink(
            NodeNames.COMPARISONS,
            Topics.COMPARISONS.name(),
            keys,
            serializer(ComparedRoute.class),
            NodeNames.COMPARE)
        .addSink(
            NodeNames.DEAD_LETTERS,
            Topics.DLQ.name(),
            keys,
            serializer(DeadLetter.class),
            NodeNames.READ,
            NodeNames.COUNT);
  }

  private <T extends SpecificRecord> Serializer<T> serializer(Class<T> type) {
    return serdes.forRecord(type).serializer();
  }

  /// Without a cache: each key is written once, and would push the totals out.
  private StoreBuilder<?> countedStore() {
    return Stores.keyValueStoreBuilder(
            Stores.persistentKeyValueStore(StoreNames.COUNTED),
            Serdes.Bytes(),
            serdes.forRecord(CountedEntries.class))
        .withCachingDisabled()
        .withLoggingEnabled(CHANGELOG);
  }

  private StoreBuilder<?> totalsStore() {
    return store(
        Stores.persistentKeyValueStore(StoreNames.TOTALS),
        Serdes.String(),
        serdes.forRecord(CostBucket.class));
  }

  private StoreBuilder<?> comparedStore() {
    return store(
        Stores.persistentKeyValueStore(StoreNames.COMPARED),
        Serdes.String(),
        serdes.forRecord(ComparedRoute.class));
  }

  private StoreBuilder<?> progressStore() {
    return store(
        Stores.inMemoryKeyValueStore(StoreNames.PROGRESS),
        Serdes.String(),
        serdes.forRecord(LedgerMark.class));
  }

  /// With a cache, so that a total that changes a hundred times between two commits is written to
  /// its changelog once.
  private static <K, V> StoreBuilder<KeyValueStore<K, V>> store(
      KeyValueBytesStoreSupplier kind, Serde<K> keys, Serde<V> values) {
    return Stores.keyValueStoreBuilder(kind, keys, values)
        .withCachingEnabled()
        .withLoggingEnabled(CHANGELOG);
  }
}
