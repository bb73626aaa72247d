package dev.sluice.runtime.registry;

import dev.sluice.contract.avro.SchemaEntry;
import org.jspecify.annotations.Nullable;

/// The durable log behind the built-in registry: one partition, compacted by key. Called by one
/// thread at a time.
interface SchemaLog extends AutoCloseable {

  /// Receives records in their order; an absent entry takes its key back.
  interface Reader {
    void read(String key, @Nullable SchemaEntry entry);
  }

  /// Reads all there is now.
  ///
  /// @return the offset that the next record will get if nobody else writes
  /// @throws RuntimeException when the log cannot be read
  long replay(Reader reader);

  /// Writes a record and waits until it survives a crash.
  ///
  /// @return its offset
  /// @throws RuntimeException when that is not known; it may have been written all the same
  long append(String key, @Nullable SchemaEntry entry);

  @Override
  default void close() {}
}
