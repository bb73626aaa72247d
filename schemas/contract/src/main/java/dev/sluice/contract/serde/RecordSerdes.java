package dev.sluice.contract.serde;

import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serde;

/// Gives the serde of each record class. Services take serdes from here only, so that one setting
/// swaps the registry client or the serde itself for all of them.
///
/// Safe for use by many threads. Closing it closes the registry client.
public final class RecordSerdes implements AutoCloseable {
  private final SchemaRegistry registry;
  private final ConcurrentHashMap<Class<?>, Serde<?>> serdeByRecord = new ConcurrentHashMap<>();

  private RecordSerdes(SchemaRegistry registry) {
    this.registry = registry;
  }

  /// Sluice's own serde over a registry.
  public static RecordSerdes over(SchemaRegistry registry) {
    return new RecordSerdes(registry);
  }

  /// The serde of a record class: the same one at each call.
  @SuppressWarnings("unchecked")
  public <T extends SpecificRecord> Serde<T> forRecord(Class<T> type) {
    return (Serde<T>) serdeByRecord.computeIfAbsent(type, _ -> new AvroSerde<>(type, registry));
  }

  @Override
  public void close() {
    registry.close();
  }
}
