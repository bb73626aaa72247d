package dev.sluice.worker.kafka;

import dev.sluice.contract.avro.Beat;
import dev.sluice.contract.avro.BeatKind;
import dev.sluice.contract.avro.InboxMessage;
import dev.sluice.contract.topic.Topics;
import dev.sluice.runtime.kafka.ConsumerThread;
import dev.sluice.runtime.kafka.KafkaClients;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;

/// Reads what is said to this worker: the verdicts and cancels in its inbox partition, and the
/// beats of all workers. One thread owns the one consumer and calls both listeners; they must be
/// quick.
public final class Inbox implements AutoCloseable {
  private static final Duration POLL = Duration.ofSeconds(1);

  /// Beats of so long before the first own one are read too: whoever lives is among them, so that
  /// this worker takes no more than its share from the start. A process that was killed and started
  /// again takes longer, so its former self is not.
  private static final Duration PAST = Heartbeat.PERIOD.plus(Heartbeat.PERIOD.dividedBy(2));

  private final ConsumerThread<KafkaConsumer<byte[], byte[]>> reader;
  private final WorkerSerdes serdes;
  private final String worker;
  private final TopicPartition inbox;
  private final TopicPartition beats = new TopicPartition(Topics.WORKERS.name(), 0);
  private final Consumer<InboxMessage> onMessage;
  private final Consumer<Beat> onBeat;
  private final ResultPublisher publisher;
  private final BrokerClock brokerClock;
  private final CountDownLatch positioned = new CountDownLatch(1);
  private long nextMessage = -1;
  private long nextBeat = -1;

  /// @param partition partition of the inbox topic that is this worker's
  public Inbox(
      KafkaClients kafka,
      WorkerSerdes serdes,
      String worker,
      int partition,
      Consumer<InboxMessage> onMessage,
      Consumer<Beat> onBeat,
      ResultPublisher publisher,
      BrokerClock brokerClock) {
    this.reader =
        new ConsumerThread<>(
            "sluice-worker-inbox",
            () -> kafka.reader("sluice-worker-inbox", Map.of()),
            this::follow);
    this.serdes = serdes;
    this.worker = worker;
    this.inbox = new TopicPartition(Topics.INBOX.name(), partition);
    this.onMessage = onMessage;
    this.onBeat = onBeat;
    this.publisher = publisher;
    this.brokerClock = brokerClock;
  }

  /// Begins to read at the end of the inbox, and the beats of the last moments by the broker's
  /// time, which must be known.
  public void start() {
    reader.start();
  }

  /// Waits until nothing said from now on can be missed.
  public boolean awaitPositioned(Duration time) throws InterruptedException {
    return positioned.await(time.toNanos(), TimeUnit.NANOSECONDS);
  }

  private void follow(KafkaConsumer<byte[], byte[]> consumer) {
    position(consumer);
    while (!reader.stopping()) {
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
        take(record);
      }
    }
  }

  private void position(KafkaConsumer<byte[], byte[]> consumer) {
    consumer.assign(List.of(inbox, beats));
    if (nextMessage < 0) {
      Map<TopicPartition, Long> ends = consumer.endOffsets(List.of(inbox, beats));
      nextBeat = firstBeat(consumer, ends.getOrDefault(beats, 0L));
      nextMessage = ends.getOrDefault(inbox, 0L);
    }
    consumer.seek(inbox, nextMessage);
    consumer.seek(beats, nextBeat);
    positioned.countDown();
  }

  private long firstBeat(KafkaConsumer<byte[], byte[]> consumer, long end) {
    long since = brokerClock.now().minus(PAST).toEpochMilli();
    OffsetAndTimestamp found = consumer.offsetsForTimes(Map.of(beats, since)).get(beats);
    return found == null ? end : found.offset();
  }

  private void take(ConsumerRecord<byte[], byte[]> record) {
    boolean message = record.topic().equals(inbox.topic());
    if (message) {
      nextMessage = record.offset() + 1;
    } else {
      nextBeat = record.offset() + 1;
    }
    try {
      if (message) {
        takeMessage(record);
      } else {
        takeBeat(record);
      }
    } catch (SerializationException e) {
      publisher.deadLetter(
          record,
          dev.sluice.contract.model.ErrorCode.DECODE_ERROR,
          "not a record of its topic: " + e.getMessage());
    }
  }

  private void takeMessage(ConsumerRecord<byte[], byte[]> record) {
    InboxMessage message =
        serdes.inbox().deserializer().deserialize(record.topic(), record.value());
    if (message != null && message.getWorker().equals(worker)) {
      onMessage.accept(message);
    }
  }

  private void takeBeat(ConsumerRecord<byte[], byte[]> record) {
    Beat beat = serdes.beat().deserializer().deserialize(record.topic(), record.value());
    if (beat != null && beat.getKind() == BeatKind.WORKER) {
      onBeat.accept(beat);
    }
  }

  @Override
  public void close() {
    reader.close();
  }
}
