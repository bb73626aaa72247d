package dev.sluice.ingress.callback;

import dev.sluice.contract.avro.Callback;
import dev.sluice.contract.avro.DeadLetter;
import dev.sluice.contract.avro.WebhookEndpoint;
import dev.sluice.contract.model.ErrorCode;
import dev.sluice.contract.topic.Topics;
import dev.sluice.ingress.core.callback.Event;
import dev.sluice.ingress.core.callback.Receiver;
import dev.sluice.ingress.log.LogUnavailableException;
import dev.sluice.runtime.lifecycle.ServiceContext;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.Serde;
import org.jspecify.annotations.Nullable;

/// Writes what callbacks leave in the log. Everything of a tenant is in one partition, so one
/// ingress at a time serves it. Safe for use by many threads.
public final class CallbackWriter implements EndpointLog, AutoCloseable {
  private static final Duration CONFIRMED = Duration.ofSeconds(5);

  private final KafkaProducer<byte[], byte[]> producer;
  private final Serde<Callback> callbacks;
  private final Serde<WebhookEndpoint> endpoints;
  private final Serde<DeadLetter> deadLetters;
  private final ServiceContext context;

  public CallbackWriter(ServiceContext context) {
    this.context = context;
    this.producer = context.kafka().producer("sluice-ingress-callbacks-" + context.processId());
    this.callbacks = context.serdes().forRecord(Callback.class);
    this.endpoints = context.serdes().forRecord(WebhookEndpoint.class);
    this.deadLetters = context.serdes().forRecord(DeadLetter.class);
  }

  /// Raises an event: whoever asked for it will be told, at least once. The answer is the offset,
  /// once all replicas have it.
  public CompletableFuture<Long> raise(Event event) {
    return write(CallbackCodec.record(event));
  }

  /// An event or a delivery that is not over.
  CompletableFuture<Long> write(Callback record) {
    String topic = Topics.CALLBACKS.name();
    return send(
        topic, record.getTenant(), record.getId(), callbacks.serializer().serialize(topic, record));
  }

  /// It is over.
  CompletableFuture<Long> end(String tenant, String id) {
    return send(Topics.CALLBACKS.name(), tenant, id, null);
  }

  /// What an attempt came to.
  CompletableFuture<Long> attempted(Callback record) {
    String topic = Topics.CALLBACKS_LOG.name();
    return send(
        topic, record.getTenant(), record.getId(), callbacks.serializer().serialize(topic, record));
  }

  /// A delivery that nobody took, for the operator.
  CompletableFuture<Long> deadLetter(Callback record, String why) {
    String topic = Topics.CALLBACKS.name();
    byte[] value = callbacks.serializer().serialize(topic, record);
    DeadLetter letter = new DeadLetter();
    letter.setTopic(topic);
    letter.setPartition(partition(topic, record.getTenant()));
    letter.setOffset(-1);
    letter.setCode(ErrorCode.CALLBACK_FAILED.code());
    letter.setMessage(why);
    letter.setJobId(record.getSubject());
    letter.setTenant(record.getTenant());
    letter.setKey(ByteBuffer.wrap(bytes(record.getId())));
    letter.setValue(ByteBuffer.wrap(value));
    letter.setAt(context.clock().instant());
    String dead = Topics.DLQ.name();
    return send(
        new ProducerRecord<>(dead, bytes(topic), deadLetters.serializer().serialize(dead, letter)));
  }

  @Override
  public long put(Receiver endpoint) {
    String topic = Topics.WEBHOOK_ENDPOINTS.name();
    byte[] value = endpoints.serializer().serialize(topic, EndpointCodec.record(endpoint));
    return confirmed(new ProducerRecord<>(topic, key(endpoint.tenant(), endpoint.id()), value));
  }

  @Override
  public long remove(String tenant, String id) {
    return confirmed(new ProducerRecord<>(Topics.WEBHOOK_ENDPOINTS.name(), key(tenant, id), null));
  }

  private static byte[] key(String tenant, String id) {
    return bytes(tenant + "/" + id);
  }

  private long confirmed(ProducerRecord<byte[], byte[]> record) {
    return confirmed(send(record));
  }

  /// Waits for all replicas.
  static long confirmed(CompletableFuture<Long> sent) {
    try {
      return sent.get(CONFIRMED.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new LogUnavailableException("the log did not confirm in time; try again soon", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LogUnavailableException("the ingress is stopping", e);
    }
  }

  private CompletableFuture<Long> send(
      String topic, String tenant, String key, byte @Nullable [] value) {
    try {
      return send(new ProducerRecord<>(topic, partition(topic, tenant), bytes(key), value));
    } catch (KafkaException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private CompletableFuture<Long> send(ProducerRecord<byte[], byte[]> record) {
    CompletableFuture<Long> sent = new CompletableFuture<>();
    try {
      var _ =
          producer.send(
              record,
              (metadata, error) -> {
                if (error == null) {
                  sent.complete(metadata.offset());
                } else {
                  sent.completeExceptionally(error);
                }
              });
    } catch (KafkaException e) {
      sent.completeExceptionally(e);
    }
    return sent;
  }

  private int partition(String topic, String tenant) {
    return EventRecords.partition(tenant, producer.partitionsFor(topic).size());
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    producer.close(Duration.ofSeconds(2));
  }
}
