package dev.sluice.ingress.callback;

import dev.sluice.contract.avro.Callback;
import dev.sluice.contract.avro.CallbackState;
import dev.sluice.contract.topic.Topics;
import dev.sluice.ingress.core.callback.Delivery;
import dev.sluice.ingress.core.callback.DeliveryBook;
import dev.sluice.runtime.kafka.KafkaClients;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serde;

/// Reads deliveries of one receiver back from the log, where more of them wait than memory keeps.
/// It reads to the end of the partition, so that none is taken that is over already.
final class LaneLoader {
  private static final Duration POLL = Duration.ofSeconds(1);

  private final KafkaClients kafka;
  private final Serde<Callback> serde;

  LaneLoader(KafkaClients kafka, Serde<Callback> serde) {
    this.kafka = kafka;
    this.serde = serde;
  }

  /// @param found deliveries with the offsets of their records
  /// @param leftFrom offset of the first that found no room; negative if none
  record Loaded(Map<Delivery, Long> found, long leftFrom) {}

  private record Found(Delivery delivery, long offset) {}

  Loaded load(int partition, DeliveryBook.Reload wanted) {
    TopicPartition source = new TopicPartition(Topics.CALLBACKS.name(), partition);
    Map<String, Found> found = new LinkedHashMap<>();
    long[] leftFrom = {-1};
    try (KafkaConsumer<byte[], byte[]> reader =
        kafka.reader("sluice-ingress-callbacks-reload", Map.of())) {
      reader.assign(List.of(source));
      long end = reader.endOffsets(List.of(source)).getOrDefault(source, 0L);
      reader.seek(source, wanted.from());
      while (reader.position(source) < end) {
        for (ConsumerRecord<byte[], byte[]> record : reader.poll(POLL)) {
          take(record, wanted, found, leftFrom);
        }
      }
    }
    Map<Delivery, Long> deliveries = new LinkedHashMap<>();
    found.values().forEach(one -> deliveries.put(one.delivery(), one.offset()));
    return new Loaded(deliveries, leftFrom[0]);
  }

  private void take(
      ConsumerRecord<byte[], byte[]> record,
      DeliveryBook.Reload wanted,
      Map<String, Found> found,
      long[] leftFrom) {
    String id = new String(record.key(), StandardCharsets.UTF_8);
    if (record.value() == null) {
      found.remove(id);
      return;
    }
    Callback callback;
    try {
      callback = serde.deserializer().deserialize(record.topic(), record.value());
    } catch (SerializationException e) {
      // The desk has counted it.
      return;
    }
    if (callback.getState() != CallbackState.WAITING) {
      return;
    }
    Delivery delivery = CallbackCodec.delivery(callback);
    if (!delivery.lane().equals(wanted.lane())) {
      return;
    }
    if (found.containsKey(id) || found.size() < wanted.room()) {
      found.put(id, new Found(delivery, record.offset()));
    } else if (leftFrom[0] < 0) {
      leftFrom[0] = record.offset();
    }
  }
}
