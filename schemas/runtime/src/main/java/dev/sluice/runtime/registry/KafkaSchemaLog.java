package dev.sluice.runtime.registry;

import dev.sluice.contract.avro.SchemaEntry;
import dev.sluice.contract.topic.Topics;
import dev.sluice.runtime.kafka.KafkaClients;
import dev.sluice.runtime.kafka.TopicCreator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.avro.AvroRuntimeException;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// [Topics#SCHEMAS] as a log. Values are in Avro's single-object encoding, which names its schema
/// by a fingerprint and so needs no registry. Called by one thread at a time.
final class KafkaSchemaLog implements SchemaLog {
  private static final Logger LOG = LoggerFactory.getLogger(KafkaSchemaLog.class);
  private static final String CLIENT_ID = "sluice-schemas";
  private static final Duration DELIVERY_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration REPLAY_TIMEOUT = Duration.ofSeconds(30);
  private static final Duration POLL = Duration.ofMillis(200);

  /// Closing a consumer waits for the fetch that runs ahead of the end; at the default of half a
  /// second it would be most of the start.
  private static final Map<String, Object> SHORT_LAST_FETCH =
      Map.of(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 10);

  private static final TopicPartition PARTITION = new TopicPartition(Topics.SCHEMAS.name(), 0);

  private final KafkaClients kafka;
  private final Producer<byte[], byte[]> producer;

  KafkaSchemaLog(KafkaClients kafka) {
    this.kafka = kafka;
    try (var admin = kafka.admin(CLIENT_ID)) {
      new TopicCreator(1, 1, 1, Optional.empty()).create(admin, List.of(Topics.SCHEMAS));
    }
    int deliveryMillis = Math.toIntExact(DELIVERY_TIMEOUT.toMillis());
    this.producer =
        kafka.producer(
            CLIENT_ID,
            Map.of(
                ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
                deliveryMillis,
                ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG,
                deliveryMillis / 2));
  }

  @Override
  public long replay(Reader reader) {
    long giveUpAt = System.nanoTime() + REPLAY_TIMEOUT.toNanos();
    try (Consumer<byte[], byte[]> consumer = kafka.reader(CLIENT_ID, SHORT_LAST_FETCH)) {
      var partitions = List.of(PARTITION);
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      long end =
          Objects.requireNonNull(consumer.endOffsets(partitions, REPLAY_TIMEOUT).get(PARTITION));
      while (consumer.position(PARTITION, REPLAY_TIMEOUT) < end) {
        if (System.nanoTime() > giveUpAt) {
          throw new TimeoutException("the schemas topic could not be read in " + REPLAY_TIMEOUT);
        }
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
          read(record, reader);
        }
      }
      return consumer.position(PARTITION, REPLAY_TIMEOUT);
    }
  }

  private static void read(ConsumerRecord<byte[], byte[]> record, Reader reader) {
    if (record.key() == null) {
      return;
    }
    try {
      reader.read(
          new String(record.key(), StandardCharsets.UTF_8),
          record.value() == null
              ? null
              : SchemaEntry.fromByteBuffer(ByteBuffer.wrap(record.value())));
    } catch (IOException | AvroRuntimeException e) {
      LOG.atWarn()
          .addKeyValue("topic", record.topic())
          .addKeyValue("offset", record.offset())
          .setCause(e)
          .log("schema record cannot be read, passed over");
    }
  }

  @Override
  public long append(String key, @Nullable SchemaEntry entry) {
    var record =
        new ProducerRecord<byte[], byte @Nullable []>(
            PARTITION.topic(),
            PARTITION.partition(),
            key.getBytes(StandardCharsets.UTF_8),
            entry == null ? null : bytes(entry));
    try {
      return producer.send(record).get().offset();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : new KafkaException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KafkaException("interrupted while writing a schema", e);
    }
  }

  private static byte[] bytes(SchemaEntry entry) {
    try {
      ByteBuffer encoded = entry.toByteBuffer();
      byte[] bytes = new byte[encoded.remaining()];
      encoded.get(bytes);
      return bytes;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    producer.close(DELIVERY_TIMEOUT);
  }
}
