package dev.sluice.router.topology;

import dev.sluice.contract.avro.Beat;
import dev.sluice.contract.avro.BeatKind;
import dev.sluice.contract.topic.Topics;
import dev.sluice.runtime.kafka.KafkaClients;
import java.time.Clock;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.Serde;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Which workers live. This process writes a tick a second into the topic of beats and reads the
/// topic back: a worker is lost when five own ticks have been read since its last beat. Counted in
/// what was read, never in clocks, so that a paused router, a broker that was away or a skewed
/// clock ends no lease.
///
/// One thread writes, one reads; `lost` may be called by any.
public final class FleetView implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(FleetView.class);
  private static final Duration TICK = Duration.ofSeconds(1);
  private static final Duration POLL = Duration.ofSeconds(1);
  private static final TopicPartition PARTITION = new TopicPartition(Topics.WORKERS.name(), 0);

  /// Own ticks without a beat after which a worker is lost.
  static final int LEASE_TICKS = 5;

  private final KafkaClients kafka;
  private final Serde<Beat> serde;
  private final String processId;
  private final Clock clock;

  /// Own ticks read so far.
  private final AtomicLong ticks = new AtomicLong();

  /// Tick count at the last beat of each worker; a worker that said it leaves is at MIN_VALUE.
  private final Map<String, Long> lastBeat = new ConcurrentHashMap<>();

  private volatile boolean closed;
  private volatile @Nullable KafkaConsumer<byte[], byte[]> open;
  private @Nullable Thread writer;

  public FleetView(KafkaClients kafka, Serde<Beat> serde, String processId, Clock clock) {
    this.kafka = kafka;
    this.serde = serde;
    this.processId = processId;
    this.clock = clock;
  }

  public synchronized void start() {
    if (writer == null && !closed) {
      writer = Thread.ofPlatform().name("sluice-router-ticks").daemon().start(this::write);
      Thread.ofPlatform().name("sluice-router-fleet").daemon().start(this::follow);
    }
  }

  /// Those of these workers that are gone. A worker never heard of counts from its first mention.
  public Set<String> lost(Set<String> workers) {
    long now = ticks.get();
    Set<String> lost = new HashSet<>();
    for (String worker : workers) {
      long last = lastBeat.computeIfAbsent(worker, _ -> now);
      if (last == Long.MIN_VALUE || now - last >= LEASE_TICKS) {
        lost.add(worker);
      }
    }
    return lost;
  }

  private void write() {
    try (KafkaProducer<byte[], byte[]> producer = kafka.producer("sluice-router-ticks")) {
      while (!closed) {
        Beat beat = new Beat(processId, BeatKind.ROUTER, List.of(), 0, false);
        Future<RecordMetadata> _ =
            producer.send(
                new ProducerRecord<>(
                    PARTITION.topic(),
                    PARTITION.partition(),
                    clock.millis(),
                    Outbox.utf8(processId),
                    serde.serializer().serialize(PARTITION.topic(), beat)),
                (metadata, failure) -> {
                  if (failure != null) {
                    LOG.atWarn().setCause(failure).log("tick not written");
                  }
                });
        Thread.sleep(TICK);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void follow() {
    while (!closed) {
      try (KafkaConsumer<byte[], byte[]> consumer = kafka.reader("sluice-router-fleet", Map.of())) {
        open = consumer;
        consumer.assign(List.of(PARTITION));
        consumer.seekToEnd(List.of(PARTITION));
        while (!closed) {
          consumer.poll(POLL).forEach(this::take);
        }
      } catch (WakeupException e) {
        LOG.atDebug().log("fleet view told to stop");
      } catch (KafkaException e) {
        LOG.atWarn().setCause(e).log("beats cannot be read, trying again");
      } finally {
        open = null;
      }
    }
  }

  private void take(ConsumerRecord<byte[], byte[]> record) {
    try {
      Beat beat = serde.deserializer().deserialize(record.topic(), record.value());
      if (beat.getKind() == BeatKind.WORKER) {
        lastBeat.put(beat.getProcess(), beat.getLeaving() ? Long.MIN_VALUE : ticks.get());
      } else if (beat.getProcess().equals(processId)) {
        long now = ticks.incrementAndGet();
        lastBeat.values().removeIf(last -> last != Long.MIN_VALUE && now - last > 3_600);
      }
    } catch (SerializationException e) {
      LOG.atWarn().addKeyValue("offset", record.offset()).setCause(e).log("beat cannot be read");
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (writer != null) {
      writer.interrupt();
    }
    KafkaConsumer<byte[], byte[]> consumer = open;
    if (consumer != null) {
      consumer.wakeup();
    }
  }
}
