package dev.sluice.ingress.callback;

import dev.sluice.contract.avro.Callback;
import dev.sluice.contract.serde.RecordSerdes;
import dev.sluice.contract.topic.ShardPartition;
import dev.sluice.contract.topic.Topics;
import dev.sluice.ingress.core.callback.Event;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.Serde;

/// Events as records, for who raises one in a transaction of his own: then it is told exactly if
/// what it tells of is in the log.
public final class EventRecords {
  private static final String TOPIC = Topics.CALLBACKS.name();

  private final Serde<Callback> serde;

  public EventRecords(RecordSerdes serdes) {
    this.serde = serdes.forRecord(Callback.class);
  }

  /// @param producer that will send it; asked where the tenant's partition is
  public ProducerRecord<byte[], byte[]> of(Event event, Producer<byte[], byte[]> producer) {
    int partition = partition(event.tenant(), producer.partitionsFor(TOPIC).size());
    byte[] value = serde.serializer().serialize(TOPIC, CallbackCodec.record(event));
    return new ProducerRecord<>(TOPIC, partition, bytes(event.id()), value);
  }

  /// Everything of a tenant is in one partition.
  static int partition(String tenant, int partitions) {
    return ShardPartition.of(tenant, 0, partitions);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
