package dev.sluice.router.topology;

import dev.sluice.contract.avro.Beat;
import dev.sluice.contract.avro.BeatKind;
import dev.sluice.contract.avro.BreakerState;
import dev.sluice.contract.avro.PoolPulse;
import dev.sluice.contract.topic.Topics;
import dev.sluice.router.core.Leases;
import dev.sluice.router.core.PoolView;
import dev.sluice.runtime.kafka.ConsumerThread;
import dev.sluice.runtime.kafka.KafkaClients;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serde;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The topic of signs of life, as this process writes and reads it: one tick a second goes in, and
/// every sign is told to `Leases`. It reads the last minute first, so that what a router of before
/// has counted goes on, and calls nobody lost until it has read what was there when it began. What
/// the signs say of pools is the view of the pools.
///
/// One thread writes, one reads; `lost` may be called by any.
public final class FleetView implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(FleetView.class);
  private static final Duration TICK = Duration.ofSeconds(1);
  private static final Duration POLL = Duration.ofSeconds(1);

  /// How far back the first look goes, by the broker's times.
  private static final Duration PAST = Duration.ofMinutes(1);

  private static final TopicPartition PARTITION = new TopicPartition(Topics.WORKERS.name(), 0);

  private final KafkaClients kafka;
  private final ConsumerThread<KafkaConsumer<byte[], byte[]>> reader;
  private final Serde<Beat> serde;
  private final String processId;
  private final Clock clock;

  /// Guarded by itself.
  private final Leases leases = new Leases();

  /// Owned by the reader.
  private final PoolView.Fold sights = new PoolView.Fold();

  private volatile PoolView pools = PoolView.EMPTY;
  private volatile boolean caughtUp;
  private volatile boolean closed;
  private @Nullable Thread writer;

  /// Next offset to read, -1 before the first look; owned by the reader.
  private long next = -1;

  /// What was there when the reader began.
  private long past;

  public FleetView(KafkaClients kafka, Serde<Beat> serde, String processId, Clock clock) {
    this.kafka = kafka;
    this.reader =
        new ConsumerThread<>(
            "sluice-router-fleet",
            () -> kafka.reader("sluice-router-fleet", Map.of()),
            this::follow);
    this.serde = serde;
    this.processId = processId;
    this.clock = clock;
  }

  public synchronized void start() {
    if (writer == null && !closed) {
      writer = Thread.ofPlatform().name("sluice-router-ticks").daemon().start(this::write);
      reader.start();
    }
  }

  /// Those of these workers that are gone.
  public Set<String> lost(Set<String> workers) {
    if (!caughtUp) {
      return Set.of();
    }
    synchronized (leases) {
      return leases.lost(workers);
    }
  }

  /// How the pools are; all well until what was there at the beginning has been read.
  public PoolView pools() {
    return pools;
  }

  private void write() {
    try (KafkaProducer<byte[], byte[]> producer = kafka.producer("sluice-router-ticks")) {
      while (!closed) {
        tick(producer);
        Thread.sleep(TICK);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Writes one tick and waits for it. Ticks that piled up while the broker was away would all
  /// arrive before the first beat of a worker that came back a moment later.
  private void tick(KafkaProducer<byte[], byte[]> producer) throws InterruptedException {
    Beat beat = new Beat(processId, BeatKind.ROUTER, List.of(), 0, false, List.of());
    try {
      var _ =
          producer
              .send(
                  new ProducerRecord<>(
                      PARTITION.topic(),
                      PARTITION.partition(),
                      clock.millis(),
                      Outbox.utf8(processId),
                      serde.serializer().serialize(PARTITION.topic(), beat)))
              .get();
    } catch (ExecutionException | KafkaException e) {
      LOG.atWarn().setCause(e).log("tick not written");
    }
  }

  private void follow(KafkaConsumer<byte[], byte[]> consumer) {
    consumer.assign(List.of(PARTITION));
    if (next < 0) {
      past = end(consumer);
      next = begin(consumer, past);
    }
    consumer.seek(PARTITION, next);
    while (!reader.stopping()) {
      caughtUp = caughtUp || next >= past;
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
        take(record);
        next = record.offset() + 1;
      }
      pools = caughtUp ? sights.view() : PoolView.EMPTY;
    }
  }

  private static long end(KafkaConsumer<byte[], byte[]> consumer) {
    return consumer.endOffsets(List.of(PARTITION)).getOrDefault(PARTITION, 0L);
  }

  private long begin(KafkaConsumer<byte[], byte[]> consumer, long end) {
    var found =
        consumer
            .offsetsForTimes(Map.of(PARTITION, clock.instant().minus(PAST).toEpochMilli()))
            .get(PARTITION);
    return found == null ? end : found.offset();
  }

  private void take(ConsumerRecord<byte[], byte[]> record) {
    try {
      Beat beat = serde.deserializer().deserialize(record.topic(), record.value());
      synchronized (leases) {
        switch (beat.getKind()) {
          case WORKER -> beat(beat);
          case ROUTER -> {
            leases.tick(beat.getProcess());
            sights.gone(leases.lost(sights.workers()));
          }
          case UNKNOWN -> LOG.atDebug().log("a sign of life of a newer version");
        }
      }
    } catch (SerializationException e) {
      LOG.atWarn().addKeyValue("offset", record.offset()).setCause(e).log("beat cannot be read");
    }
  }

  private void beat(Beat beat) {
    leases.beat(beat.getProcess(), beat.getLeaving());
    if (beat.getLeaving()) {
      sights.gone(Set.of(beat.getProcess()));
    } else {
      sights.heard(
          beat.getProcess(),
          beat.getPulses().stream()
              .collect(Collectors.toMap(PoolPulse::getPool, FleetView::sight, (one, _) -> one)));
    }
  }

  private static PoolView.Sight sight(PoolPulse pulse) {
    return new PoolView.Sight(pulse.getBreaker() == BreakerState.OPEN, pulse.getSlots());
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (writer != null) {
      writer.interrupt();
    }
    reader.close();
  }
}
