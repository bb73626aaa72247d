package dev.sluice.ingress.blob;

import java.io.IOException;
import java.nio.ByteBuffer;

/// A blob that is being written. Owned by one thread; closing it without a commit leaves nothing.
public interface BlobWriter extends AutoCloseable {

  /// Takes all of the bytes.
  void write(ByteBuffer bytes) throws IOException;

  /// How many were taken.
  long bytes();

  /// Makes the blob durable and visible.
  void commit() throws IOException;

  @Override
  void close() throws IOException;
}
