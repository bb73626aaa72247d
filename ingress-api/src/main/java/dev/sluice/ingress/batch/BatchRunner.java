package dev.sluice.ingress.batch;

import dev.sluice.contract.avro.BatchEntry;
import dev.sluice.contract.avro.Command;
import dev.sluice.contract.avro.JobResult;
import dev.sluice.contract.topic.Topics;
import dev.sluice.ingress.blob.BlobStore;
import dev.sluice.ingress.callback.EventRecords;
import dev.sluice.runtime.lifecycle.ServiceContext;
import dev.sluice.runtime.telemetry.LogKeys;
import io.micrometer.core.instrument.Counter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serde;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs the batches of the partitions that a consumer group gives this ingress. One thread does it
/// all: reads what is asked, hands in lines, takes results, writes outputs. After any failure it
/// forgets everything and begins again from the log, which is what another process would do.
public final class BatchRunner implements AutoCloseable {
  /// The group of all runners.
  public static final String GROUP = "sluice-batches";

  private static final Logger LOG = LoggerFactory.getLogger(BatchRunner.class);
  private static final Duration IDLE = Duration.ofMillis(200);
  private static final Duration BUSY = Duration.ofMillis(10);
  private static final Duration PAUSE = Duration.ofMillis(500);
  private static final int SESSION_MILLIS = 6_000;
  private static final int HEARTBEAT_MILLIS = 1_000;
  private static final int FIRST = 0;

  private final ServiceContext context;
  private final BlobStore blobs;
  private final int maxLineBytes;
  private final Serde<BatchEntry> entries;
  private final Counter failures;
  private final Optional<EventRecords> events;
  private volatile boolean leads;
  private volatile boolean stopping;
  private @Nullable Thread thread;

  /// @param maxLineBytes longest line that can be a job
  /// @param callbacks whether the ends of batches are told
  public BatchRunner(ServiceContext context, BlobStore blobs, int maxLineBytes, boolean callbacks) {
    this.events = callbacks ? Optional.of(new EventRecords(context.serdes())) : Optional.empty();
    this.context = context;
    this.blobs = blobs;
    this.maxLineBytes = maxLineBytes;
    this.entries = context.serdes().forRecord(BatchEntry.class);
    this.failures =
        Counter.builder("sluice.ingress.batches.restarts")
            .description("times that the batch runner began again from the log")
            .register(context.meters());
  }

  public synchronized void start() {
    if (thread == null && !stopping) {
      thread = Thread.ofPlatform().name("sluice-ingress-batch-runner").daemon().start(this::run);
    }
  }

  /// Whether this ingress does what only one needs to do: it runs the batches of the first
  /// partition. During a change two may believe so, or none.
  public boolean leads() {
    return leads;
  }

  private String clientId() {
    return "sluice-ingress-batch-runner-" + context.processId();
  }

  private void run() {
    while (!stopping) {
      try (Session session = new Session()) {
        session.run();
      } catch (InterruptException _) {
        // Clears nothing that matters: it only comes when told to stop.
        LOG.atDebug().log("batch runner told to stop");
      } catch (KafkaException | IOException | IllegalStateException e) {
        failures.increment();
        LOG.atWarn().setCause(e).log("batch runner begins again from the log");
        LockSupport.parkNanos(PAUSE.toNanos());
      }
    }
  }

  /// From joining the group until the first failure.
  private final class Session implements ConsumerRebalanceListener, AutoCloseable {
    private final Map<Integer, OwnedPartition> owned = new HashMap<>();
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final ResultsReader results;
    private final LineCancels cancels;
    private final BatchParts parts;

    Session() {
      consumer =
          context
              .kafka()
              .reader(
                  clientId(),
                  Map.of(
                      ConsumerConfig.GROUP_ID_CONFIG,
                      GROUP,
                      ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                      "read_committed",
                      ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG,
                      SESSION_MILLIS,
                      ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG,
                      HEARTBEAT_MILLIS));
      results =
          new ResultsReader(
              context.kafka(),
              clientId() + "-results",
              context.serdes().forRecord(JobResult.class));
      cancels =
          new LineCancels(
              context.kafka().producer(clientId() + "-cancels"),
              context.serdes().forRecord(Command.class));
      parts =
          new BatchParts(
              blobs, maxLineBytes, context.policy()::current, results, cancels, new SecureRandom());
    }

    void run() throws IOException {
      consumer.subscribe(List.of(Topics.BATCHES.name()), this);
      while (!stopping) {
        boolean busy = owned.values().stream().anyMatch(OwnedPartition::busy);
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(busy ? Duration.ZERO : IDLE)) {
          take(record);
        }
        owned.forEach((partition, one) -> one.readUpTo(consumer.position(of(partition))));
        if (busy) {
          turn();
        }
      }
    }

    private void turn() throws IOException {
      List<RunningBatch> running =
          owned.values().stream().flatMap(one -> one.running().stream()).toList();
      Set<Integer> seeds =
          running.stream().map(RunningBatch::seed).collect(Collectors.toUnmodifiableSet());
      results.retain(
          running.stream().map(RunningBatch::replyPartition).collect(Collectors.toSet()));
      Instant now = context.clock().instant();
      if (running.isEmpty()) {
        // Only a validation is awaited.
        LockSupport.parkNanos(BUSY.toNanos());
      }
      results.poll(
          BUSY,
          seeds::contains,
          (id, result) -> owned.values().forEach(one -> one.take(id, result, now)));
      for (OwnedPartition one : owned.values()) {
        one.turn(now);
      }
    }

    private void take(ConsumerRecord<byte[], byte[]> record) {
      OwnedPartition partition = owned.get(record.partition());
      if (partition == null || record.key() == null) {
        return;
      }
      String key = new String(record.key(), StandardCharsets.UTF_8);
      try {
        partition.take(key, entries.deserializer().deserialize(record.topic(), record.value()));
      } catch (SerializationException e) {
        LOG.atError()
            .addKeyValue(LogKeys.OFFSET, record.offset())
            .setCause(e)
            .log("a batch's record cannot be read, passed over");
      }
    }

    private TopicPartition of(int partition) {
      return new TopicPartition(Topics.BATCHES.name(), partition);
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
      for (TopicPartition partition : partitions) {
        // First the fence, then the end: nothing can be written between the two by another.
        BatchProducer producer =
            BatchProducer.fencing(
                partition.partition(), context.kafka(), clientId(), context.serdes(), events);
        long end = Objects.requireNonNull(consumer.endOffsets(List.of(partition)).get(partition));
        consumer.seekToBeginning(List.of(partition));
        owned.put(partition.partition(), new OwnedPartition(parts, producer, end));
        leads |= partition.partition() == FIRST;
        LOG.atInfo()
            .addKeyValue(LogKeys.PARTITION, partition.partition())
            .log("runs the batches of a partition");
      }
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
      for (TopicPartition partition : partitions) {
        OwnedPartition lost = owned.remove(partition.partition());
        if (lost != null) {
          lost.close();
        }
        leads &= partition.partition() != FIRST;
      }
    }

    @Override
    public void close() {
      leads = false;
      owned.values().forEach(OwnedPartition::close);
      owned.clear();
      cancels.close();
      results.close();
      consumer.close(CloseOptions.timeout(Duration.ofSeconds(1)));
    }
  }

  @Override
  public void close() {
    Thread running;
    synchronized (this) {
      stopping = true;
      running = thread;
    }
    if (running == null) {
      return;
    }
    LockSupport.unpark(running);
    try {
      running.join(Duration.ofSeconds(10));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
