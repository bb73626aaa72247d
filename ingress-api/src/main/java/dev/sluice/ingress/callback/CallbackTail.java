package dev.sluice.ingress.callback;

import dev.sluice.contract.avro.Callback;
import dev.sluice.contract.avro.WebhookEndpoint;
import dev.sluice.contract.topic.Topics;
import dev.sluice.runtime.kafka.ConsumerThread;
import dev.sluice.runtime.lifecycle.ServiceContext;
import dev.sluice.runtime.telemetry.LogKeys;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serde;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Follows what every ingress must know of callbacks: all endpoints, from the beginning, and the
/// log of deliveries, from where the history on disk ends. One thread.
final class CallbackTail implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CallbackTail.class);
  private static final String ENDPOINTS = Topics.WEBHOOK_ENDPOINTS.name();
  private static final String LOG_TOPIC = Topics.CALLBACKS_LOG.name();
  private static final Duration POLL = Duration.ofMillis(500);
  private static final Duration PURGE_EVERY = Duration.ofHours(6);
  private static final Duration KEPT = Topics.CALLBACKS_LOG.retention().orElseThrow();

  private final ServiceContext context;
  private final ConsumerThread<KafkaConsumer<byte[], byte[]>> reader;
  private final EndpointStore endpoints;
  private final DeliveryHistory history;
  private final CallbackMeters meters;
  private final Serde<WebhookEndpoint> endpointSerde;
  private final Serde<Callback> callbackSerde;
  private Instant purged = Instant.EPOCH;

  CallbackTail(
      ServiceContext context,
      EndpointStore endpoints,
      DeliveryHistory history,
      CallbackMeters meters) {
    this.context = context;
    this.reader =
        new ConsumerThread<>(
            "sluice-ingress-callback-tail",
            () -> context.kafka().reader("sluice-ingress-callback-tail", Map.of()),
            this::follow);
    this.endpoints = endpoints;
    this.history = history;
    this.meters = meters;
    this.endpointSerde = context.serdes().forRecord(WebhookEndpoint.class);
    this.callbackSerde = context.serdes().forRecord(Callback.class);
  }

  void start() {
    reader.start();
  }

  private void follow(KafkaConsumer<byte[], byte[]> consumer) {
    List<TopicPartition> ofEndpoints = partitions(consumer, ENDPOINTS);
    List<TopicPartition> ofLog = partitions(consumer, LOG_TOPIC);
    List<TopicPartition> all = new ArrayList<>(ofEndpoints);
    all.addAll(ofLog);
    consumer.assign(all);
    consumer.seekToBeginning(ofEndpoints);
    ofLog.forEach(one -> consumer.seek(one, history.position(one.partition())));
    Map<TopicPartition, Long> ends = consumer.endOffsets(ofEndpoints);
    boolean loaded = false;
    while (!reader.stopping()) {
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
        take(record);
      }
      ofEndpoints.forEach(one -> endpoints.readTo(consumer.position(one)));
      if (!loaded
          && ends.entrySet().stream()
              .allMatch(end -> consumer.position(end.getKey()) >= end.getValue())) {
        loaded = true;
        endpoints.loaded();
      }
      purge();
    }
  }

  private static List<TopicPartition> partitions(
      KafkaConsumer<byte[], byte[]> consumer, String topic) {
    return consumer.partitionsFor(topic).stream()
        .map(one -> new TopicPartition(topic, one.partition()))
        .toList();
  }

  private void take(ConsumerRecord<byte[], byte[]> record) {
    if (record.key() == null) {
      return;
    }
    try {
      if (record.topic().equals(ENDPOINTS)) {
        endpoint(record);
      } else if (record.value() != null) {
        Callback callback = callbackSerde.deserializer().deserialize(LOG_TOPIC, record.value());
        history.put(record.partition(), record.offset(), callback, record.value());
      }
    } catch (SerializationException e) {
      meters.unusable();
      LOG.atWarn()
          .addKeyValue(LogKeys.TOPIC, record.topic())
          .addKeyValue(LogKeys.OFFSET, record.offset())
          .setCause(e)
          .log("callback record cannot be used, passed over");
    }
  }

  private void endpoint(ConsumerRecord<byte[], byte[]> record) {
    WebhookEndpoint read = endpointSerde.deserializer().deserialize(ENDPOINTS, record.value());
    if (read != null) {
      endpoints.read(EndpointCodec.endpoint(read), record.offset());
      return;
    }
    String key = new String(record.key(), StandardCharsets.UTF_8);
    int slash = key.lastIndexOf('/');
    endpoints.readRemoval(key.substring(0, slash), key.substring(slash + 1), record.offset());
  }

  private void purge() {
    Instant now = context.clock().instant();
    if (now.isAfter(purged.plus(PURGE_EVERY))) {
      purged = now;
      history.purge(now.minus(KEPT));
    }
  }

  @Override
  public void close() {
    reader.close();
  }
}
