package dev.sluice.ingress.kafka;

import dev.sluice.contract.avro.BatchEntry;
import dev.sluice.contract.avro.BatchProgress;
import dev.sluice.contract.avro.BatchRequest;
import dev.sluice.contract.avro.BatchWish;
import dev.sluice.contract.topic.Topics;
import dev.sluice.ingress.log.BatchFacts;
import dev.sluice.ingress.log.BatchLog;
import dev.sluice.runtime.lifecycle.ServiceContext;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.common.serialization.Serde;
import org.jspecify.annotations.Nullable;

/// Batches in memory, as `sluice.batches` says, so that any ingress answers for any batch. All
/// records of a batch are in one partition, that of its id.
public final class KafkaBatches implements BatchLog, AutoCloseable {
  private static final String TOPIC = Topics.BATCHES.name();
  private static final String REQUEST = "request";
  private static final String WISH = "wish";
  private static final String PROGRESS = "progress";

  private final Serde<BatchEntry> serde;
  private final InstantSource clock;
  private final TopicFollower follower;
  private final TableWriter writer;
  private final ConcurrentHashMap<String, Row> rows = new ConcurrentHashMap<>();

  /// What was read of one batch.
  private record Row(
      String tenant,
      @Nullable BatchRequest request,
      @Nullable Instant cancelWishedAt,
      @Nullable BatchProgress progress) {}

  public KafkaBatches(ServiceContext context) {
    this.serde = context.serdes().forRecord(BatchEntry.class);
    this.clock = context.clock();
    this.follower = new TopicFollower(context.kafka(), "sluice-ingress-batches", TOPIC, this::take);
    this.writer =
        new TableWriter(context.kafka(), "sluice-ingress-batch-writer-" + context.processId());
  }

  /// Key of a batch's progress.
  public static String progressKey(String batchId) {
    return batchId + "/" + PROGRESS;
  }

  /// The id in a key of any of a batch's records.
  public static String idOf(String key) {
    int slash = key.indexOf('/');
    return slash < 0 ? key : key.substring(0, slash);
  }

  /// Begins to read; until then nothing is found.
  public void start() {
    follower.start();
  }

  private void take(String key, byte @Nullable [] value) {
    String id = idOf(key);
    if (value == null) {
      rows.remove(id);
      return;
    }
    BatchEntry entry = serde.deserializer().deserialize(TOPIC, value);
    rows.compute(id, (_, before) -> with(before, entry));
  }

  private static Row with(@Nullable Row before, BatchEntry entry) {
    Row row = before == null ? new Row(entry.getTenant(), null, null, null) : before;
    BatchWish wish = entry.getWish();
    return new Row(
        entry.getTenant(),
        entry.getRequest() == null ? row.request() : entry.getRequest(),
        wish == null ? row.cancelWishedAt() : wish.getAt(),
        entry.getProgress() == null ? row.progress() : entry.getProgress());
  }

  @Override
  public Optional<BatchFacts> find(String tenant, String id) {
    if (!rows.containsKey(id)) {
      follower.settle();
    }
    Row row = rows.get(id);
    return row == null ? Optional.empty() : facts(id, row).filter(of(tenant));
  }

  private static java.util.function.Predicate<BatchFacts> of(String tenant) {
    return batch -> batch.tenant().equals(tenant);
  }

  private static Optional<BatchFacts> facts(String id, Row row) {
    BatchRequest request = row.request();
    return request == null
        ? Optional.empty()
        : Optional.of(
            new BatchFacts(
                id,
                row.tenant(),
                request,
                Optional.ofNullable(row.cancelWishedAt()),
                Optional.ofNullable(row.progress())));
  }

  @Override
  public List<BatchFacts> all() {
    follower.settle();
    return rows.entrySet().stream()
        .flatMap(entry -> facts(entry.getKey(), entry.getValue()).stream())
        .toList();
  }

  @Override
  public List<BatchFacts> list(String tenant) {
    return all().stream()
        .filter(of(tenant))
        .sorted(
            Comparator.comparing((BatchFacts batch) -> batch.request().getCreatedAt())
                .thenComparing(BatchFacts::id)
                .reversed())
        .toList();
  }

  @Override
  public void submit(String tenant, String id, BatchRequest request) {
    BatchEntry entry = entry(tenant, id);
    entry.setRequest(request);
    write(id, REQUEST, entry);
  }

  @Override
  public void cancel(BatchFacts batch) {
    BatchEntry entry = entry(batch.tenant(), batch.id());
    entry.setWish(new BatchWish("cancel", clock.instant()));
    write(batch.id(), WISH, entry);
  }

  @Override
  public void remove(BatchFacts ended) {
    int partition = partition(ended.id());
    for (String kind : List.of(REQUEST, WISH, PROGRESS)) {
      writer.put(TOPIC, partition, ended.id() + "/" + kind, null);
    }
    follower.settle();
  }

  private static BatchEntry entry(String tenant, String id) {
    BatchEntry entry = new BatchEntry();
    entry.setBatchId(id);
    entry.setTenant(tenant);
    return entry;
  }

  private void write(String id, String kind, BatchEntry entry) {
    byte[] value = serde.serializer().serialize(TOPIC, entry);
    writer.put(TOPIC, partition(id), id + "/" + kind, value);
    follower.settle();
  }

  private int partition(String id) {
    return Math.floorMod(id.hashCode(), follower.partitions());
  }

  @Override
  public void close() {
    follower.close();
    writer.close();
  }
}
