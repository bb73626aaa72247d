package dev.sluice.ingress.kafka;

import dev.sluice.ingress.log.LogUnavailableException;
import dev.sluice.runtime.kafka.KafkaClients;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

/// Writes single records of compacted topics and waits for each. Safe for use by many threads.
final class TableWriter implements AutoCloseable {
  private static final Duration DELIVERY = Duration.ofMillis(4_500);
  private static final int REQUEST_MILLIS = 3_000;

  private final KafkaProducer<byte[], byte[]> producer;

  TableWriter(KafkaClients kafka, String clientId) {
    producer =
        kafka.producer(
            clientId,
            Map.of(
                ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
                (int) DELIVERY.toMillis(),
                ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG,
                REQUEST_MILLIS,
                ProducerConfig.MAX_BLOCK_MS_CONFIG,
                REQUEST_MILLIS));
  }

  /// @param partition null for the one of the key
  /// @param value null to remove the key
  void put(String topic, @Nullable Integer partition, String key, byte @Nullable [] value) {
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(topic, partition, key.getBytes(StandardCharsets.UTF_8), value);
    try {
      var _ = producer.send(record).get(DELIVERY.toMillis() + 500, TimeUnit.MILLISECONDS);
    } catch (KafkaException | ExecutionException | TimeoutException e) {
      throw new LogUnavailableException("the log did not confirm in time; try again soon", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LogUnavailableException("the ingress is stopping", e);
    }
  }

  @Override
  public void close() {
    producer.close(Duration.ofSeconds(2));
  }
}
