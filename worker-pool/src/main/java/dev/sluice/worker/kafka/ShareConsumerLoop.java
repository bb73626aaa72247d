package dev.sluice.worker.kafka;

import dev.sluice.contract.avro.Work;
import dev.sluice.contract.model.ErrorCode;
import dev.sluice.contract.model.Priority;
import dev.sluice.contract.topic.Topics;
import dev.sluice.runtime.kafka.KafkaClients;
import dev.sluice.runtime.telemetry.LogKeys;
import dev.sluice.worker.core.ClaimRule;
import dev.sluice.worker.core.SlotGate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes the work of one pool and class: slot, poll, claim, accept, run. The share group is a
/// hand-off of milliseconds; from the claim on the router's lease holds the job.
///
/// A poll that has timed out leaves a fetch armed at the broker, and what that fetch acquires is
/// seen only by the next poll. So once armed the loop polls until something comes. While it idles
/// its slots are lent to the other classes; what comes then and finds no slot waits for one under
/// its claim, at most one poll's worth, and the loop takes no more before it is served.
///
/// One thread owns the consumer; `close` may be called from any.
final class ShareConsumerLoop implements AutoCloseable {
  /// Claim ids stay below this: readers in JavaScript have whole numbers of 53 bits.
  private static final long CLAIM_IDS = 1L << 53;

  private static final Logger LOG = LoggerFactory.getLogger(ShareConsumerLoop.class);
  private static final Duration FIRST_POLL = Duration.ofMillis(20);
  private static final Duration POLL = Duration.ofSeconds(1);
  private static final Duration SLOT_WAIT = Duration.ofSeconds(1);
  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final Duration CLOSE = Duration.ofSeconds(5);

  /// A fetch that brings far more than it may keep makes the broker read its log again and again.
  private static final int FETCH_BYTES_A_RECORD = 4 * 1024;

  private static final int MIN_FETCH_BYTES = 8 * 1024;

  private final KafkaClients kafka;
  private final WorkerSerdes serdes;
  private final AttemptShell shell;
  private final PoolDesk desk;
  private final Priority priority;
  private final int maxPollRecords;
  private final String pool;
  private final Thread thread;
  private volatile boolean closed;
  private volatile @Nullable KafkaShareConsumer<byte[], byte[]> open;

  /// @param maxPollRecords records a poll may bring; final for a share consumer
  ShareConsumerLoop(
      KafkaClients kafka,
      WorkerSerdes serdes,
      AttemptShell shell,
      PoolDesk desk,
      Priority priority,
      int maxPollRecords) {
    this.kafka = kafka;
    this.serdes = serdes;
    this.shell = shell;
    this.desk = desk;
    this.priority = priority;
    this.maxPollRecords = maxPollRecords;
    this.pool = desk.pool().id();
    this.thread =
        Thread.ofPlatform()
            .name("sluice-worker-" + pool + "-" + priority.key())
            .daemon()
            .unstarted(this::run);
  }

  /// The share group of a pool's class.
  static String groupId(String pool, Priority priority) {
    return "sluice.worker." + pool + "." + priority.key();
  }

  void start() {
    thread.start();
  }

  private void run() {
    while (!closed) {
      try (var consumer = consumer()) {
        open = consumer;
        consumer.setAcknowledgementCommitCallback((_, failure) -> {
          if (failure != null) {
            shell.meters().acknowledgementFailed(pool);
          }
        });
        consumer.subscribe(List.of(Topics.workName(pool, priority)));
        while (!closed) {
          takeWork(consumer);
        }
      } catch (WakeupException | InterruptException e) {
        LOG.atDebug().addKeyValue(LogKeys.POOL, pool).log("loop told to stop");
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      } catch (KafkaException | IllegalStateException e) {
        shell.meters().loopFailed(pool);
        LOG.atWarn().addKeyValue(LogKeys.POOL, pool).setCause(e).log("work cannot be taken");
        LockSupport.parkNanos(PAUSE.toNanos());
      } finally {
        open = null;
      }
    }
  }

  private KafkaShareConsumer<byte[], byte[]> consumer() {
    int fetchBytes = Math.max(MIN_FETCH_BYTES, maxPollRecords * FETCH_BYTES_A_RECORD);
    return kafka.shareConsumer(
        // With the worker's name its members can be told from those of others.
        "sluice-worker-" + pool + "-" + priority.key() + "-" + shell.worker(),
        groupId(pool, priority),
        maxPollRecords,
        Map.of("fetch.max.bytes", fetchBytes));
  }

  private void takeWork(KafkaShareConsumer<byte[], byte[]> consumer) throws InterruptedException {
    SlotGate gate = desk.gate();
    int slots = takeSlots(consumer);
    if (slots == 0) {
      return;
    }
    ConsumerRecords<byte[], byte[]> records;
    try {
      records = consumer.poll(FIRST_POLL);
    } catch (KafkaException e) {
      gate.giveBack(priority, slots);
      throw e;
    }
    int spare = slots - Math.min(slots, records.count());
    if (spare > 0) {
      gate.giveBack(priority, spare);
      slots -= spare;
    }
    while (records.isEmpty() && !closed) {
      records = consumer.poll(POLL);
    }
    if (slots == 0) {
      slots = gate.tryTake(priority, records.count());
    }
    run(consumer, records, slots);
  }

  /// Acknowledgements travel with the next fetch. Only when no slot is free for one do they need a
  /// request of their own, since a lock must not wait for a call to end.
  private int takeSlots(KafkaShareConsumer<byte[], byte[]> consumer) throws InterruptedException {
    SlotGate.Ticket ticket = desk.gate().request(priority, maxPollRecords);
    if (ticket.granted() == 0) {
      consumer.commitAsync();
    }
    return ticket.await(SLOT_WAIT.toNanos());
  }

  private void run(
      KafkaShareConsumer<byte[], byte[]> consumer,
      ConsumerRecords<byte[], byte[]> records,
      int slots)
      throws InterruptedException {
    List<Delivery> deliveries = new ArrayList<>(records.count());
    for (ConsumerRecord<byte[], byte[]> record : records) {
      decode(consumer, record).map(work -> claim(record, work)).ifPresent(deliveries::add);
    }
    int free = slots;
    for (Delivery delivery : deliveries) {
      if (confirm(delivery)) {
        delivery.attempt.confirmed(free > 0);
        free = Math.max(0, free - 1);
        consumer.acknowledge(delivery.record, AcknowledgeType.ACCEPT);
        Thread.startVirtualThread(delivery.attempt);
      } else {
        consumer.acknowledge(delivery.record, AcknowledgeType.RELEASE);
        Thread.startVirtualThread(() -> abandon(delivery.attempt));
      }
    }
    if (free > 0) {
      desk.gate().giveBack(priority, free);
    }
  }

  private record Delivery(
      ConsumerRecord<byte[], byte[]> record, Attempt attempt, Future<RecordMetadata> claim) {}

  private java.util.Optional<Work> decode(
      KafkaShareConsumer<byte[], byte[]> consumer, ConsumerRecord<byte[], byte[]> record) {
    try {
      Work work = serdes.work().deserializer().deserialize(record.topic(), record.value());
      if (work != null) {
        return java.util.Optional.of(work);
      }
    } catch (SerializationException e) {
      LOG.atWarn()
          .addKeyValue(LogKeys.TOPIC, record.topic())
          .addKeyValue(LogKeys.OFFSET, record.offset())
          .setCause(e)
          .log("work record cannot be decoded");
    }
    shell.publisher().deadLetter(record, ErrorCode.DECODE_ERROR, "not a work record");
    consumer.acknowledge(record, AcknowledgeType.REJECT);
    return java.util.Optional.empty();
  }

  private Delivery claim(ConsumerRecord<byte[], byte[]> record, Work work) {
    ClaimedWork claimed =
        ClaimedWork.of(record, work, priority, ThreadLocalRandom.current().nextLong(CLAIM_IDS));
    Duration age = Duration.between(claimed.causedAt(), shell.brokerClock().now());
    ClaimRule.Decision decision = decide(record, work, age);
    shell.meters().claimed(pool, priority, decision);
    AttemptSignal signal = shell.attempts().add(claimed);
    Attempt attempt = new Attempt(claimed, signal, shell, desk, decision.awaitsVerdict());
    return new Delivery(record, attempt, shell.claim(claimed, decision.awaitsVerdict(), 0));
  }

  private ClaimRule.Decision decide(
      ConsumerRecord<byte[], byte[]> record, Work work, Duration age) {
    int deliveryCount = record.deliveryCount().map(Short::intValue).orElse(1);
    return ClaimRule.decide(
        new ClaimRule.Facts(deliveryCount, work.getRepeat(), age, shell.sinceBeat()));
  }

  /// Waits until the claim is in the log, and looks again by the broker's own times whether it came
  /// in time to be called without a verdict.
  private boolean confirm(Delivery delivery) throws InterruptedException {
    try {
      RecordMetadata written = shell.publisher().confirmed(delivery.claim);
      Attempt attempt = delivery.attempt;
      if (!attempt.awaitsVerdict()) {
        Instant claimedAt = Instant.ofEpochMilli(written.timestamp());
        Duration age = Duration.between(attempt.claimed().causedAt(), claimedAt);
        ClaimRule.Decision decision = decide(delivery.record, attempt.claimed().work(), age);
        if (decision.awaitsVerdict()) {
          attempt.askVerdict(decision);
        }
      }
      return true;
    } catch (ExecutionException | TimeoutException | KafkaException e) {
      shell.meters().claimLost(pool);
      LOG.atWarn()
          .addKeyValue(LogKeys.JOB_ID, delivery.attempt.claimed().jobId())
          .setCause(e)
          .log("claim not confirmed, work given back");
      return false;
    }
  }

  private static void abandon(Attempt attempt) {
    try {
      attempt.abandon();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Stops taking work; what was polled and not claimed goes back at once.
  @Override
  public void close() {
    closed = true;
    var consumer = open;
    if (consumer != null) {
      consumer.wakeup();
    }
    LockSupport.unpark(thread);
    try {
      thread.join(CLOSE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
