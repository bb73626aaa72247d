package dev.sluice.ingress.callback;

import dev.sluice.contract.avro.JobCallback;
import dev.sluice.contract.avro.JobResult;
import dev.sluice.contract.topic.Topics;
import dev.sluice.ingress.core.Status;
import dev.sluice.ingress.core.callback.CallbackUrl;
import dev.sluice.ingress.core.callback.Event;
import dev.sluice.ingress.core.callback.EventTypes;
import dev.sluice.ingress.core.callback.Fanout;
import dev.sluice.ingress.json.ResponseStatus;
import dev.sluice.runtime.kafka.KafkaClients;
import dev.sluice.runtime.telemetry.LogKeys;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serde;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads the ends of jobs and raises an event for each that somebody asked to be told of. All
/// ingresses share the work; a position is committed only after the events before it are in the
/// log, so an end is never missed, and one that is raised twice has the same id.
final class ResultTail extends GroupThread {
  private static final Logger LOG = LoggerFactory.getLogger(ResultTail.class);
  private static final Duration POLL = Duration.ofMillis(500);
  private static final Duration PAUSE = Duration.ofMillis(50);

  private final EndpointStore endpoints;
  private final CallbackWriter writer;
  private final Serde<JobResult> results;
  private final CallbackMeters meters;

  ResultTail(
      KafkaClients kafka,
      GroupMember member,
      Serde<JobResult> results,
      EndpointStore endpoints,
      CallbackWriter writer,
      CallbackMeters meters) {
    super(
        kafka,
        member,
        // Results come one by one and a callback may be a moment late: fewer, larger fetches.
        Map.of(
            ConsumerConfig.FETCH_MIN_BYTES_CONFIG, 256 * 1024,
            ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 100,
            ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 2_000));
    this.results = results;
    this.endpoints = endpoints;
    this.writer = writer;
    this.meters = meters;
  }

  @Override
  void follow(KafkaConsumer<byte[], byte[]> consumer) {
    while (!endpoints.isLoaded() && !stopping()) {
      LockSupport.parkNanos(PAUSE.toNanos());
    }
    consumer.subscribe(List.of(Topics.RESULTS.name()));
    while (!stopping()) {
      ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
      if (records.isEmpty()) {
        continue;
      }
      List<Event> events = new ArrayList<>();
      records.forEach(record -> eventOf(record).ifPresent(events::add));
      if (!events.isEmpty()) {
        endpoints.catchUp();
      }
      List<CompletableFuture<Long>> raised =
          events.stream().filter(this::isAsked).map(writer::raise).toList();
      try {
        CompletableFuture.allOf(raised.toArray(CompletableFuture[]::new)).join();
      } catch (CompletionException e) {
        // From the last committed position, once more.
        throw new org.apache.kafka.common.KafkaException("events could not be raised", e);
      }
      meters.raised(raised.size());
      consumer.commitSync();
    }
  }

  /// A job that came past the ingress may spell its URL in another way than an endpoint does.
  private static String canonical(String url) {
    return CallbackUrl.parse(url).map(CallbackUrl::canonical).orElse(url);
  }

  private boolean isAsked(Event event) {
    return !Fanout.of(event, endpoints.of(event.tenant())).isEmpty();
  }

  private Optional<Event> eventOf(ConsumerRecord<byte[], byte[]> record) {
    try {
      JobResult result = results.deserializer().deserialize(record.topic(), record.value());
      return result == null ? Optional.empty() : eventOf(result);
    } catch (SerializationException | IllegalArgumentException e) {
      meters.unusable();
      LOG.atWarn()
          .addKeyValue(LogKeys.TOPIC, record.topic())
          .addKeyValue(LogKeys.OFFSET, record.offset())
          .setCause(e)
          .log("result cannot be used, no callback for it");
      return Optional.empty();
    }
  }

  static Optional<Event> eventOf(JobResult result) {
    JobCallback callback = result.getCallback();
    if (callback == null) {
      return Optional.empty();
    }
    Status status = Status.valueOf(result.getStatus().name());
    @Nullable ByteBuffer body = result.getResult();
    boolean incomplete =
        body != null
            && EventTypes.ofVendor(callback.getEndpoint(), status, false).isPresent()
            && ResponseStatus.isIncomplete(body);
    return Optional.of(
        Event.of(
                result.getTenant(),
                EventTypes.ofJob(status),
                result.getJobId(),
                status.key(),
                result.getFinishedAt())
            .alsoCalled(EventTypes.ofVendor(callback.getEndpoint(), status, incomplete))
            .toldTo(
                Optional.ofNullable(callback.getUrl()).map(ResultTail::canonical),
                Optional.ofNullable(callback.getSecretId())));
  }
}
