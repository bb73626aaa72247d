package dev.sluice.ingress.callback;

import dev.sluice.contract.topic.Topic;
import dev.sluice.ingress.core.callback.Event;
import dev.sluice.ingress.core.callback.Fanout;
import dev.sluice.runtime.kafka.KafkaClients;
import dev.sluice.runtime.telemetry.LogKeys;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serde;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads what happens, such as ends of jobs, and raises an event for each that somebody asked to be
/// told of. All ingresses share the work; a position is committed only after the events before it
/// are in the log, so nothing is missed, and what is raised twice has the same id.
///
/// @param <R> what is read
final class EventTail<R extends SpecificRecord> extends GroupThread {
  private static final Logger LOG = LoggerFactory.getLogger(EventTail.class);
  private static final Duration POLL = Duration.ofMillis(500);
  private static final Duration PAUSE = Duration.ofMillis(50);

  private final EndpointStore endpoints;
  private final CallbackWriter writer;
  private final Source<R> source;
  private final CallbackMeters meters;

  /// What is read.
  ///
  /// @param event what a record says; empty where nobody could ask for it
  record Source<R extends SpecificRecord>(
      Topic topic, Serde<R> serde, Function<R, Optional<Event>> event) {}

  EventTail(
      KafkaClients kafka,
      GroupMember member,
      Source<R> source,
      EndpointStore endpoints,
      CallbackWriter writer,
      CallbackMeters meters) {
    super(
        kafka,
        member,
        // Records come one by one and a callback may be a moment late: fewer, larger fetches.
        Map.of(
            ConsumerConfig.FETCH_MIN_BYTES_CONFIG, 256 * 1024,
            ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 100,
            ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 2_000));
    this.source = source;
    this.endpoints = endpoints;
    this.writer = writer;
    this.meters = meters;
  }

  @Override
  void follow(KafkaConsumer<byte[], byte[]> consumer) {
    while (!endpoints.isLoaded() && !stopping()) {
      LockSupport.parkNanos(PAUSE.toNanos());
    }
    consumer.subscribe(List.of(source.topic().name()));
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

  private boolean isAsked(Event event) {
    return !Fanout.of(event, endpoints.of(event.tenant())).isEmpty();
  }

  private Optional<Event> eventOf(ConsumerRecord<byte[], byte[]> record) {
    try {
      R read = source.serde().deserializer().deserialize(record.topic(), record.value());
      return read == null ? Optional.empty() : source.event().apply(read);
    } catch (SerializationException | IllegalArgumentException e) {
      meters.unusable();
      LOG.atWarn()
          .addKeyValue(LogKeys.TOPIC, record.topic())
          .addKeyValue(LogKeys.OFFSET, record.offset())
          .setCause(e)
          .log("record cannot be used, no callback for it");
      return Optional.empty();
    }
  }
}
