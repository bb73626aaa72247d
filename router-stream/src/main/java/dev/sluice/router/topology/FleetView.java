package dev.sluice.router.topology;

import dev.sluice.contract.avro.Beat;
import dev.sluice.contract.avro.BeatKind;
import dev.sluice.contract.avro.BreakerState;
import dev.sluice.contract.avro.PoolPulse;
import dev.sluice.contract.topic.Topics;
import dev.sluice.router.core.Leases;
import dev.sluice.router.core.PoolView;
import dev.sluice.router.core.TaskGrants;
import dev.sluice.router.core.grants.Demands;
import dev.sluice.router.core.grants.TaskDemand;
import dev.sluice.runtime.kafka.ConsumerThread;
import dev.sluice.runtime.kafka.KafkaClients;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
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
/// the signs say of pools is the view of the pools. Each tick says what the tasks of this process
/// want; what becomes of that sooner is told in between.
///
/// One thread writes, one reads; all else may be called by any.
public final class FleetView implements DemandBoard, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(FleetView.class);
  private static final Duration TICK = Duration.ofSeconds(1);
  private static final Duration POLL = Duration.ofSeconds(1);

  /// Between two records in between, so that the tasks of a process tell together.
  private static final Duration PACE = Duration.ofMillis(50);

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

  /// Owned by the reader.
  private final Demands.Fold wants = new Demands.Fold();

  private final Map<Integer, TaskDemand> own = new ConcurrentHashMap<>();
  private final Semaphore news = new Semaphore(0);

  private volatile PoolView pools = PoolView.EMPTY;
  private volatile Demands demands = Demands.NONE;
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

  /// What all tasks want; nothing until what was there at the beginning has been read.
  @Override
  public Demands demands() {
    return demands;
  }

  @Override
  public void tell(int task, TaskGrants.Telling telling) {
    own.put(task, telling.demand());
    if (telling.atOnce()) {
      news.release();
    }
  }

  @Override
  public void withdraw(int task) {
    own.remove(task);
  }

  private void write() {
    try (KafkaProducer<byte[], byte[]> producer = kafka.producer("sluice-router-ticks")) {
      while (!closed) {
        news.drainPermits();
        write(producer, BeatKind.ROUTER);
        writeNews(producer, System.nanoTime() + TICK.toNanos());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Writes what the tasks of this process want as soon as that changes, until the next tick.
  private void writeNews(KafkaProducer<byte[], byte[]> producer, long tick)
      throws InterruptedException {
    while (news.tryAcquire(tick - System.nanoTime(), TimeUnit.NANOSECONDS)) {
      news.drainPermits();
      write(producer, BeatKind.WANTS);
      Thread.sleep(PACE);
    }
  }

  /// Writes one record and waits for it. Ticks that piled up while the broker was away would all
  /// arrive before the first beat of a worker that came back a moment later.
  private void write(KafkaProducer<byte[], byte[]> producer, BeatKind kind)
      throws InterruptedException {
    Beat beat = new Beat(processId, kind, List.of(), 0, false, List.of(), List.of(), List.of());
    WantRecords.put(beat, own);
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
      LOG.atWarn().setCause(e).log("sign of life not written");
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
      demands = caughtUp ? wants.view() : Demands.NONE;
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
          case ROUTER -> tick(beat, record.offset());
          case WANTS -> wants.told(beat.getProcess(), WantRecords.demands(beat));
          case UNKNOWN -> LOG.atDebug().log("a sign of life of a newer version");
        }
      }
    } catch (SerializationException e) {
      LOG.atWarn().addKeyValue("offset", record.offset()).setCause(e).log("beat cannot be read");
    }
  }

  /// A router that does not tick any more is lost as a worker that does not beat.
  private void tick(Beat beat, long position) {
    leases.tick(beat.getProcess());
    leases.beat(beat.getProcess(), false);
    sights.gone(leases.lost(sights.workers()));
    wants.told(beat.getProcess(), WantRecords.demands(beat));
    wants.gone(leases.lost(wants.routers()));
    wants.ticked(position);
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
