package dev.sluice.worker.kafka;

import dev.sluice.contract.avro.Claim;
import dev.sluice.contract.avro.Command;
import dev.sluice.contract.avro.DeadLetter;
import dev.sluice.contract.avro.JobEvent;
import dev.sluice.contract.model.ErrorCode;
import dev.sluice.contract.topic.DeadLetters;
import dev.sluice.contract.topic.ReadAtOnce;
import dev.sluice.contract.topic.ShardPartition;
import dev.sluice.contract.topic.Topics;
import dev.sluice.runtime.kafka.KafkaClients;
import dev.sluice.runtime.telemetry.LogKeys;
import dev.sluice.worker.core.AttemptOutcome;
import dev.sluice.worker.core.Cause;
import dev.sluice.worker.core.Failure;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Writes all that the worker says: claims, outcomes, deltas, beats, dead letters. What someone
/// waits for goes at once; deltas after the first go through a producer that lingers 2 ms, since
/// under load requests, not bytes, cost the broker its time.
///
/// Safe for use by many threads.
public final class ResultPublisher implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ResultPublisher.class);
  private static final int DELTA_LINGER_MILLIS = 2;
  private static final Duration RETRY_PAUSE = Duration.ofMillis(500);

  /// Room for keys, headers and framing beside a value.
  private static final int OVERHEAD_BYTES = 4 * 1024;

  private final KafkaProducer<byte[], byte[]> prompt;
  private final KafkaProducer<byte[], byte[]> lingering;
  private final WorkerSerdes serdes;
  private final CommandCodec codec;
  private final BrokerClock brokerClock;
  private final WorkerMeters meters;
  private final Clock clock;
  private volatile boolean closed;

  public ResultPublisher(
      KafkaClients kafka,
      WorkerSerdes serdes,
      CommandCodec codec,
      BrokerClock brokerClock,
      WorkerMeters meters,
      Clock clock) {
    this.serdes = serdes;
    this.codec = codec;
    this.brokerClock = brokerClock;
    this.meters = meters;
    this.clock = clock;
    this.prompt = kafka.producer("sluice-worker");
    this.lingering =
        kafka.producer(
            "sluice-worker-deltas", Map.of(ProducerConfig.LINGER_MS_CONFIG, DELTA_LINGER_MILLIS));
  }

  /// Partitions of a topic; blocks until the broker has said.
  public int partitionsOf(String topic) {
    return prompt.partitionsFor(topic).size();
  }

  /// Writes a claim; the future ends when all replicas have it. Who waits for no verdict does not
  /// need the router to read it at once.
  Future<RecordMetadata> claim(ClaimedWork claimed, Claim claim) {
    ProducerRecord<byte[], byte[]> record = commandRecord(claimed, codec.claim(claimed, claim));
    return prompt.send(claim.getAwaitsVerdict() ? ReadAtOnce.of(record) : record);
  }

  /// Writes the outcome, and does not return before the log has it: an outcome that is lost would
  /// let the call be made again.
  void outcome(ClaimedWork claimed, AttemptOutcome outcome) throws InterruptedException {
    ProducerRecord<byte[], byte[]> record = outcomeRecord(claimed, outcome);
    while (!closed) {
      try {
        RecordMetadata written = prompt.send(record).get();
        brokerClock.observe(written.timestamp());
        return;
      } catch (ExecutionException | KafkaException e) {
        meters.publishFailed("outcome");
        LOG.atWarn()
            .addKeyValue(LogKeys.JOB_ID, claimed.jobId())
            .setCause(e)
            .log("outcome not written, trying again");
        TimeUnit.NANOSECONDS.sleep(RETRY_PAUSE.toNanos());
      }
    }
  }

  private ProducerRecord<byte[], byte[]> outcomeRecord(
      ClaimedWork claimed, AttemptOutcome outcome) {
    ProducerRecord<byte[], byte[]> record =
        ReadAtOnce.of(commandRecord(claimed, codec.outcome(claimed, outcome)));
    int limit = Topics.MAX_RECORD_BYTES - OVERHEAD_BYTES;
    if (record.value().length <= limit || !(outcome instanceof AttemptOutcome.Succeeded large)) {
      return record;
    }
    Failure failure =
        Failure.of(
            Cause.TOO_LONG,
            ErrorCode.LIMITS,
            "the answer is larger than a record may be (" + limit + " bytes); ask for less");
    return ReadAtOnce.of(
        commandRecord(
            claimed,
            codec.outcome(
                claimed,
                new AttemptOutcome.Failed(
                    failure, large.usage(), large.streamed(), large.times()))));
  }

  private ProducerRecord<byte[], byte[]> commandRecord(ClaimedWork claimed, Command command) {
    String topic = Topics.COMMANDS.name();
    String tenant = claimed.work().getContext().getTenant();
    return new ProducerRecord<>(
        topic,
        ShardPartition.of(topic, tenant, claimed.jobId(), prompt),
        utf8(claimed.work().getShard()),
        serdes.command().serializer().serialize(topic, command),
        claimed.trace());
  }

  /// Writes one event into the reply partition of its job.
  ///
  /// @param atOnce whether someone waits for just this one
  void event(ClaimedWork claimed, JobEvent event, boolean atOnce, Callback callback) {
    String topic = Topics.EVENTS.name();
    var record =
        new ProducerRecord<>(
            topic,
            claimed.work().getContext().getReplyPartition(),
            utf8(claimed.jobId()),
            serdes.event().serializer().serialize(topic, event),
            claimed.trace());
    var _ = (atOnce ? prompt : lingering).send(record, callback);
  }

  /// Writes a beat.
  void beat(String worker, dev.sluice.contract.avro.Beat beat, Callback callback) {
    String topic = Topics.WORKERS.name();
    byte[] value = serdes.beat().serializer().serialize(topic, beat);
    var _ = prompt.send(new ProducerRecord<>(topic, utf8(worker), value), callback);
  }

  /// Sets a record aside that cannot be used.
  void deadLetter(ConsumerRecord<byte[], byte[]> unusable, ErrorCode code, String message) {
    meters.poison(unusable.topic());
    DeadLetter letter = DeadLetters.of(unusable, code, message, clock.instant());
    String topic = Topics.DLQ.name();
    byte[] encoded = serdes.deadLetter().serializer().serialize(topic, letter);
    var _ =
        prompt.send(
            new ProducerRecord<>(topic, utf8(unusable.topic()), encoded),
            (_, failure) -> {
              if (failure != null) {
                meters.publishFailed("dead_letter");
              }
            });
  }

  /// Waits until everything sent so far has been acknowledged or has failed.
  void flush() {
    lingering.flush();
    prompt.flush();
  }

  /// Closes both producers; what is not written within the time is given up.
  public void close(Duration time) {
    closed = true;
    lingering.close(time);
    prompt.close(time);
  }

  @Override
  public void close() {
    close(Duration.ZERO);
  }

  /// Waits for a claim's acknowledgement.
  RecordMetadata confirmed(Future<RecordMetadata> claim)
      throws InterruptedException, ExecutionException, TimeoutException {
    RecordMetadata written =
        claim.get(KafkaClients.DELIVERY_TIMEOUT.toMillis() + 1_000, TimeUnit.MILLISECONDS);
    brokerClock.observe(written.timestamp());
    return written;
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
