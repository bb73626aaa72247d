package dev.sluice.router.topology;

import java.util.Map;
import java.util.function.UnaryOperator;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.KafkaClientSupplier;

/// Gives Kafka Streams its clients; the producer writes ahead.
final class RouterClients implements KafkaClientSupplier {
  private final Fences fences;
  private final String changelog;
  private final UnaryOperator<Producer<byte[], byte[]>> wire;

  /// @param wire stands between the write-ahead producer and Kafka's
  RouterClients(Fences fences, String changelog, UnaryOperator<Producer<byte[], byte[]>> wire) {
    this.fences = fences;
    this.changelog = changelog;
    this.wire = wire;
  }

  @Override
  public Admin getAdmin(Map<String, Object> config) {
    return Admin.create(config);
  }

  @Override
  public Producer<byte[], byte[]> getProducer(Map<String, Object> config) {
    return new WriteAheadProducer(
        wire.apply(
            new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer())),
        changelog::equals,
        fences);
  }

  @Override
  public Consumer<byte[], byte[]> getConsumer(Map<String, Object> config) {
    return consumer(config);
  }

  @Override
  public Consumer<byte[], byte[]> getRestoreConsumer(Map<String, Object> config) {
    return consumer(config);
  }

  @Override
  public Consumer<byte[], byte[]> getGlobalConsumer(Map<String, Object> config) {
    return consumer(config);
  }

  private static Consumer<byte[], byte[]> consumer(Map<String, Object> config) {
    return new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }
}
