package dev.sluice.ingress.kafka;

import dev.sluice.runtime.kafka.KafkaClients;
import dev.sluice.runtime.telemetry.LogKeys;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Follows reply partitions, one thread and one consumer for all of its partitions, and keeps their
/// index. It starts where the index on disk ends. A broker that is away only means that nothing
/// comes.
final class ReplyTail implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ReplyTail.class);
  private static final Duration IDLE_POLL = Duration.ofSeconds(1);
  private static final Duration FLUSH_EVERY = Duration.ofMillis(50);
  private static final int FLUSH_AT_CHANGES = 2_000;
  private static final Duration EXPIRE_EVERY = Duration.ofMinutes(1);
  private static final int EXPIRE_JOBS = 5_000;
  private static final Duration PAUSE = Duration.ofMillis(500);

  private final String name;
  private final KafkaClients kafka;
  private final JobStore store;
  private final JobIndex index;
  private final RecordCache cache;
  private final Clock clock;
  private final Counts counts;
  private final BiConsumer<ConsumerRecord<byte[], byte[]>, String> unusable;
  private final Set<Integer> wanted = ConcurrentHashMap.newKeySet();
  private final TailProgress progress = new TailProgress();
  private volatile boolean caughtUp;
  private volatile boolean flushAsked;
  private volatile @Nullable KafkaConsumer<byte[], byte[]> open;
  private @Nullable Thread thread;
  private long flushedAt = System.nanoTime();
  private long expiredAt = System.nanoTime();

  /// @param read records read
  /// @param unusable those among them that were passed over
  record Counts(Counter read, Counter unusable) {
    static Counts in(MeterRegistry meters) {
      return new Counts(
          Counter.builder("sluice.ingress.records.read")
              .description("records read of the reply partitions")
              .register(meters),
          Counter.builder("sluice.ingress.records.unusable")
              .description("records of the reply partitions that could not be used")
              .register(meters));
    }
  }

  /// @param unusable takes each record that is passed over, and why
  ReplyTail(
      String name,
      KafkaClients kafka,
      JobStore store,
      JobIndex index,
      RecordCache cache,
      Clock clock,
      Counts counts,
      BiConsumer<ConsumerRecord<byte[], byte[]>, String> unusable) {
    this.name = name;
    this.kafka = kafka;
    this.store = store;
    this.index = index;
    this.cache = cache;
    this.clock = clock;
    this.counts = counts;
    this.unusable = unusable;
  }

  JobIndex index() {
    return index;
  }

  /// Follows these partitions too. The first call starts the thread.
  synchronized void follow(Collection<Integer> partitions) {
    if (!wanted.addAll(partitions)) {
      return;
    }
    caughtUp = false;
    if (thread == null) {
      thread = Thread.ofPlatform().name(name).daemon().start(this::run);
    } else {
      wake();
    }
  }

  boolean follows(int partition) {
    return wanted.contains(partition);
  }

  /// Whether everything has been read that was in the log when following began.
  boolean caughtUp() {
    return caughtUp;
  }

  /// Waits until the partitions have been applied up to these offsets.
  void awaitApplied(Map<TopicPartition, Long> ends, Duration longest) {
    progress.await(() -> progress.reached(ends), longest, "the log is being read; try again");
  }

  /// Waits until what was applied before this call is on disk, where it can be listed.
  void awaitFlushed(Duration longest) {
    if (index.unflushed()) {
      flushAsked = true;
      wake();
      progress.await(() -> !flushAsked, longest, "the job index is busy; try again");
    }
  }

  private void run() {
    while (!progress.stopping()) {
      try (var consumer = kafka.reader(name, settings())) {
        open = consumer;
        tail(consumer);
      } catch (WakeupException e) {
        LOG.atDebug().log("reply tail told to stop");
      } catch (KafkaException e) {
        LOG.atWarn().setCause(e).log("reply partitions cannot be read, trying again");
        LockSupport.parkNanos(PAUSE.toNanos());
      } catch (RuntimeException e) {
        // The disk, most likely: what was read is kept and written as soon as it can be.
        caughtUp = false;
        LOG.atError().setCause(e).log("job index cannot be kept, trying again");
        LockSupport.parkNanos(PAUSE.toNanos());
      } finally {
        open = null;
      }
    }
    index.flush();
    index.close();
  }

  private static Map<String, Object> settings() {
    return Map.of(
        ConsumerConfig.FETCH_MIN_BYTES_CONFIG,
        1,
        ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG,
        500,
        ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
        1_000);
  }

  private void tail(KafkaConsumer<byte[], byte[]> consumer) {
    Set<Integer> assigned = Set.of();
    Map<TopicPartition, Long> ends = Map.of();
    while (!progress.stopping()) {
      if (!assigned.equals(wanted)) {
        assigned = new TreeSet<>(wanted);
        ends = assign(consumer, assigned);
      }
      ConsumerRecords<byte[], byte[]> records = poll(consumer);
      // Events first: who hears of a result has then been told all that came with it.
      records.records(Records.EVENTS).forEach(this::apply);
      records.records(Records.RESULTS).forEach(this::apply);
      counts.read().increment(records.count());
      for (TopicPartition partition : records.partitions()) {
        progress.applied(partition, consumer.position(partition));
      }
      housekeeping(records);
      if (!caughtUp && assigned.equals(wanted) && progress.reached(ends)) {
        caughtUp = true;
      }
      if (!records.isEmpty()) {
        progress.signal();
      }
    }
  }

  private ConsumerRecords<byte[], byte[]> poll(KafkaConsumer<byte[], byte[]> consumer) {
    try {
      return consumer.poll(index.unflushed() ? FLUSH_EVERY : IDLE_POLL);
    } catch (WakeupException e) {
      if (progress.stopping()) {
        throw e;
      }
      return ConsumerRecords.empty();
    }
  }

  /// Where the index on disk ends, each partition goes on.
  private Map<TopicPartition, Long> assign(
      KafkaConsumer<byte[], byte[]> consumer, Set<Integer> partitions) {
    index.flush();
    List<TopicPartition> all = new ArrayList<>();
    for (int partition : partitions) {
      all.add(new TopicPartition(Records.EVENTS, partition));
      all.add(new TopicPartition(Records.RESULTS, partition));
    }
    consumer.assign(all);
    Set<TopicPartition> fresh = new HashSet<>();
    for (TopicPartition partition : all) {
      var position = store.position(letter(partition), partition.partition());
      if (position.isPresent()) {
        consumer.seek(partition, position.getAsLong());
        progress.applied(partition, position.getAsLong());
      } else {
        fresh.add(partition);
      }
    }
    if (!fresh.isEmpty()) {
      // Of no partitions it would be all of them.
      consumer.seekToBeginning(fresh);
    }
    for (TopicPartition partition : fresh) {
      progress.applied(partition, consumer.position(partition));
    }
    Map<TopicPartition, Long> ends = consumer.endOffsets(all);
    LOG.atInfo()
        .addKeyValue("partitions", partitions)
        .addKeyValue("fromStart", fresh.size())
        .log("following reply partitions");
    return ends;
  }

  private void apply(ConsumerRecord<byte[], byte[]> record) {
    try {
      if (record.topic().equals(Records.EVENTS)) {
        index.applyEvent(record.value(), record.offset());
      } else {
        index.applyResult(record.value(), record.offset());
      }
      if (caughtUp) {
        // What has just happened is what is asked for next.
        cache.put(
            new TopicPartition(record.topic(), record.partition()),
            record.offset(),
            record.value());
      }
    } catch (SerializationException e) {
      // One bad record must not stop the partition; it concerns nobody who could be told.
      counts.unusable().increment();
      unusable.accept(record, String.valueOf(e.getMessage()));
      LOG.atWarn()
          .addKeyValue(LogKeys.TOPIC, record.topic())
          .addKeyValue(LogKeys.PARTITION, record.partition())
          .addKeyValue(LogKeys.OFFSET, record.offset())
          .setCause(e)
          .log("record cannot be used, passed over");
    }
  }

  private void housekeeping(ConsumerRecords<byte[], byte[]> records) {
    for (TopicPartition partition : records.partitions()) {
      index.position(letter(partition), partition.partition(), progress.of(partition));
    }
    long now = System.nanoTime();
    boolean due =
        index.unflushed()
            && (now - flushedAt >= FLUSH_EVERY.toNanos() || index.changes() >= FLUSH_AT_CHANGES);
    if (due || flushAsked) {
      index.flush();
      flushedAt = now;
      flushAsked = false;
      progress.signal();
    }
    if (now - expiredAt >= EXPIRE_EVERY.toNanos()) {
      store.expire(clock.instant(), EXPIRE_JOBS);
      expiredAt = now;
    }
  }

  private void wake() {
    KafkaConsumer<byte[], byte[]> consumer = open;
    if (consumer != null) {
      consumer.wakeup();
    }
  }

  private static char letter(TopicPartition partition) {
    return partition.topic().equals(Records.EVENTS) ? 'e' : 'r';
  }

  @Override
  public void close() {
    Thread running;
    synchronized (this) {
      running = thread;
    }
    progress.stop();
    wake();
    if (running == null) {
      index.close();
      return;
    }
    LockSupport.unpark(running);
    try {
      running.join(Duration.ofSeconds(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
