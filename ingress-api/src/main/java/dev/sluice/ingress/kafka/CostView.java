package dev.sluice.ingress.kafka;

import dev.sluice.contract.avro.CostBucket;
import dev.sluice.contract.topic.Topics;
import dev.sluice.ingress.core.CostPeriod;
import dev.sluice.ingress.log.CostLog;
import dev.sluice.ingress.log.LogUnavailableException;
import dev.sluice.runtime.kafka.ConsumerThread;
import dev.sluice.runtime.lifecycle.ServiceContext;
import dev.sluice.runtime.telemetry.LogKeys;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serde;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The totals by hour, day and month in memory, read as finance reads them (`read_committed`), from
/// the first time someone asks. One thread follows the topics; the last record of a key is its
/// total.
public final class CostView implements CostLog, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CostView.class);
  private static final Duration POLL = Duration.ofMillis(500);
  private static final Duration FIRST_READ = Duration.ofSeconds(10);
  private static final Map<String, CostPeriod> PERIODS =
      Map.of(
          Topics.COSTS_HOURLY.name(), CostPeriod.HOUR,
          Topics.COSTS_DAILY.name(), CostPeriod.DAY,
          Topics.COSTS_MONTHLY.name(), CostPeriod.MONTH);

  private static final Map<String, Object> COMMITTED =
      Map.of(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");

  private final ServiceContext context;
  private final ConsumerThread<KafkaConsumer<byte[], byte[]>> reader;
  private final Serde<CostBucket> serde;
  private final Map<CostPeriod, Map<String, CostBucket>> totals = new EnumMap<>(CostPeriod.class);
  private final CountDownLatch readOnce = new CountDownLatch(1);

  public CostView(ServiceContext context) {
    this.context = context;
    this.reader =
        new ConsumerThread<>(
            "sluice-ingress-costs",
            () -> context.kafka().reader("sluice-ingress-costs", COMMITTED),
            this::follow);
    this.serde = context.serdes().forRecord(CostBucket.class);
    for (CostPeriod period : CostPeriod.values()) {
      totals.put(period, new ConcurrentHashMap<>());
    }
  }

  @Override
  public List<CostBucket> buckets(String tenant, Instant from, Instant to) {
    reader.start();
    try {
      if (!readOnce.await(FIRST_READ.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new LogUnavailableException("the cost topics are not reached; try again soon");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LogUnavailableException("the ingress is stopping", e);
    }
    List<CostBucket> found = new ArrayList<>();
    CostPeriod period = CostPeriod.of(from, to, context.clock().instant());
    for (CostBucket bucket : totals(period).values()) {
      Instant start = bucket.getPeriodStart();
      if (bucket.getTenant().equals(tenant) && !start.isBefore(from) && start.isBefore(to)) {
        found.add(bucket);
      }
    }
    return found;
  }

  private Map<String, CostBucket> totals(CostPeriod period) {
    return Objects.requireNonNull(totals.get(period));
  }

  private void follow(KafkaConsumer<byte[], byte[]> consumer) {
    List<TopicPartition> all = new ArrayList<>();
    for (String topic : PERIODS.keySet()) {
      consumer
          .partitionsFor(topic)
          .forEach(one -> all.add(new TopicPartition(topic, one.partition())));
    }
    consumer.assign(all);
    consumer.seekToBeginning(all);
    Map<TopicPartition, Long> ends = consumer.endOffsets(all);
    while (!reader.stopping()) {
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
        take(record);
      }
      if (readOnce.getCount() > 0
          && ends.entrySet().stream()
              .allMatch(end -> consumer.position(end.getKey()) >= end.getValue())) {
        readOnce.countDown();
      }
    }
  }

  private void take(ConsumerRecord<byte[], byte[]> record) {
    if (record.key() == null) {
      return;
    }
    String key = new String(record.key(), java.nio.charset.StandardCharsets.UTF_8);
    Map<String, CostBucket> buckets = totals(Objects.requireNonNull(PERIODS.get(record.topic())));
    try {
      CostBucket bucket = serde.deserializer().deserialize(record.topic(), record.value());
      if (bucket == null) {
        buckets.remove(key);
      } else {
        buckets.put(key, bucket);
      }
    } catch (SerializationException e) {
      LOG.atWarn()
          .addKeyValue(LogKeys.TOPIC, record.topic())
          .addKeyValue(LogKeys.OFFSET, record.offset())
          .setCause(e)
          .log("cost record cannot be used, passed over");
    }
  }

  @Override
  public void close() {
    reader.close();
  }
}
