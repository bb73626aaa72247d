package dev.sluice.ingress.kafka;

import dev.sluice.ingress.log.LogUnavailableException;
import dev.sluice.runtime.kafka.KafkaClients;
import dev.sluice.runtime.telemetry.LogKeys;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Follows all partitions of a compacted topic from their start, committed records only, and gives
/// each to a table. One thread of its own reads; [#settle] may be called by many.
final class TopicFollower implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TopicFollower.class);
  private static final Duration POLL = Duration.ofMillis(500);
  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final Duration SETTLE = Duration.ofSeconds(10);

  private final KafkaClients kafka;
  private final String clientId;
  private final String topic;
  private final Table table;
  private final LogEnds ends;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition moved = lock.newCondition();
  private final Map<TopicPartition, Long> reached = new HashMap<>();
  private volatile boolean stopping;
  private volatile @Nullable KafkaConsumer<byte[], byte[]> open;
  private @Nullable Thread thread;

  /// Takes records in the order of their partition.
  interface Table {
    /// @param value null where the key was removed
    void take(String key, byte @Nullable [] value);
  }

  TopicFollower(KafkaClients kafka, String clientId, String topic, Table table) {
    this.kafka = kafka;
    this.clientId = clientId;
    this.topic = topic;
    this.table = table;
    this.ends = new LogEnds(kafka, clientId + "-ends");
  }

  synchronized void start() {
    if (thread == null && !stopping) {
      thread = Thread.ofPlatform().name(clientId).daemon().start(this::run);
    }
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
        if (left <= 0 || stopping) {
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

  private void run() {
    while (!stopping) {
      try (var consumer =
          kafka.reader(clientId, Map.of(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed"))) {
        open = consumer;
        follow(consumer);
      } catch (WakeupException _) {
        LOG.atDebug().addKeyValue(LogKeys.TOPIC, topic).log("follower told to stop");
      } catch (KafkaException e) {
        LOG.atWarn()
            .addKeyValue(LogKeys.TOPIC, topic)
            .setCause(e)
            .log("topic cannot be followed, trying again");
        LockSupport.parkNanos(PAUSE.toNanos());
      } finally {
        open = null;
      }
    }
  }

  private void follow(KafkaConsumer<byte[], byte[]> consumer) {
    List<TopicPartition> all =
        consumer.partitionsFor(topic).stream()
            .map(one -> new TopicPartition(topic, one.partition()))
            .toList();
    consumer.assign(all);
    consumer.seekToBeginning(all);
    while (!stopping) {
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
    Thread running;
    synchronized (this) {
      stopping = true;
      running = thread;
    }
    KafkaConsumer<byte[], byte[]> consumer = open;
    if (consumer != null) {
      consumer.wakeup();
    }
    if (running != null) {
      LockSupport.unpark(running);
      try {
        running.join(Duration.ofSeconds(5));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    ends.close();
  }
}
