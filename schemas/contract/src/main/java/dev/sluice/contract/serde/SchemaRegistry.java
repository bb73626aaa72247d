package dev.sluice.contract.serde;

import org.apache.avro.Schema;

/// Gives schemas their ids, as Confluent's registry does. Implementations cache: after the first
/// call with an argument neither method does I/O. Safe for use by many threads.
public interface SchemaRegistry extends AutoCloseable {

  /// The id of a schema under a subject, registering it if it is new.
  ///
  /// @throws SchemaRegistryException when the registry refuses it (incompatible) or cannot be
  ///   reached
  int register(String subject, Schema schema);

  /// The schema with an id.
  ///
  /// @throws SchemaRegistryException when there is none, or the registry cannot be reached
  Schema byId(int id);

  @Override
  default void close() {}
}
