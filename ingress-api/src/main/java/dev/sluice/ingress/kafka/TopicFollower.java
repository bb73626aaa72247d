package dev.sluice.ingress.kafka;

import dev.sluice.ingress.log.LogUnavailableException;
import dev.sluice.runtime.kafka.ConsumerThread;
import dev.sluice.runtime.kafka.KafkaClients;
import dev.sluice.runtime.telemetry.LogKeys;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Follows all partitions of a compacted topic from their start, committed records only, and gives
/// each to a table. One thread of its own reads; [#settle] may be called by many.
final class TopicFollower implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TopicFollower.class);
  private static final Duration POLL = Duration.ofMillis(500);
  private static final Duration SETTLE = Duration.ofSeconds(10);

  private static final Map<String, Object> COMMITTED =
      Map.of(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");

  private final ConsumerThread<KafkaConsumer<byte[], byte[]>> reader;
  private final String topic;
  private final Table table;
  private final LogEnds ends;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition moved = lock.newCondition();
  private final Map<TopicPartition, Long> reached = new HashMap<>();

  /// Takes records in the order of their partition.
  interface Table {
    /// @param value null where the key was removed
    void take(String key, byte @Nullable [] value);
  }

  TopicFollower(KafkaClients kafka, String clientId, String topic, Table table) {
    this.reader =
        new ConsumerThread<>(clientId, () -> kafka.reader(clientId, COMMITTED), this::follow);
    this.topic = topic;
    this.table = table;
    this.ends = new LogEnds(kafka, clientId + "-ends");
  }

  void start() {
    reader.start();
  }

  /// How many partitions there are.
  int partitions() {
    settle();
    lock.lock();
    try {
      return reached.size();
    } finally {
      lock.unlock();
    }
  }

  /// Waits until the table has all that was in the topic at this call.
  ///
  /// @throws LogUnavailableException when that takes too long
  void settle() {
    long until = System.nanoTime() + SETTLE.toNanos();
    await(() -> !reached.isEmpty(), until);
    Map<TopicPartition, Long> wanted = ends.of(known());
    await(() -> has(wanted), until);
  }

  private List<TopicPartition> known() {
    lock.lock();
    try {
      return List.copyOf(reached.keySet());
    } finally {
      lock.unlock();
    }
  }

  private boolean has(Map<TopicPartition, Long> wanted) {
    for (TopicPartition partition : reached.keySet()) {
      if (reached.getOrDefault(partition, 0L) < wanted.getOrDefault(partition, 0L)) {
        return false;
      }
    }
    return true;
  }

  private void await(BooleanSupplier condition, long until) {
    lock.lock();
    try {
      while (!condition.getAsBoolean()) {
        long left = until - System.nanoTime();
        if (left <= 0 || reader.stopping()) {
          throw new LogUnavailableException("the log is not reached; try again soon");
        }
        var _ = moved.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LogUnavailableException("the ingress is stopping", e);
    } finally {
      lock.unlock();
    }
  }

  private void follow(KafkaConsumer<byte[], byte[]> consumer) {
    List<TopicPartition> all =
        consumer.partitionsFor(topic).stream()
            .map(one -> new TopicPartition(topic, one.partition()))
            .toList();
    consumer.assign(all);
    consumer.seekToBeginning(all);
    while (!reader.stopping()) {
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
        take(record);
      }
      Map<TopicPartition, Long> positions = new HashMap<>();
      all.forEach(partition -> positions.put(partition, consumer.position(partition)));
      lock.lock();
      try {
        reached.putAll(positions);
        moved.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  private void take(ConsumerRecord<byte[], byte[]> record) {
    if (record.key() == null) {
      return;
    }
    try {
      table.take(new String(record.key(), StandardCharsets.UTF_8), record.value());
    } catch (SerializationException e) {
      LOG.atWarn()
          .addKeyValue(LogKeys.TOPIC, record.topic())
          .addKeyValue(LogKeys.OFFSET, record.offset())
          .setCause(e)
          .log("record cannot be used, passed over");
    }
  }

  @Override
  public void close() {
    reader.close();
    ends.close();
  }
}
