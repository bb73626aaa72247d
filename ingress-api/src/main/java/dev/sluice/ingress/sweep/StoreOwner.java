package dev.sluice.ingress.sweep;

import dev.sluice.ingress.blob.BlobStore;
import dev.sluice.ingress.blob.BlobWriter;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;

/// Whose blobs a store holds. A log that refers to none of them, such as that of another cluster
/// with the same bucket in its configuration, or a topic made anew, would have all of them swept.
/// So the store names its log, and only for that one it is swept.
final class StoreOwner {
  /// The blob with the name of the log. An operator who moved a log removes it.
  static final String KEY = "owner";

  private static final int MOST_BYTES = 1_024;

  private final BlobStore blobs;

  StoreOwner(BlobStore blobs) {
    this.blobs = blobs;
  }

  /// Whether the store is that log's. One that names none is from now on.
  boolean is(String log) throws IOException {
    try (InputStream named = blobs.open(KEY, 0)) {
      return new String(named.readNBytes(MOST_BYTES), StandardCharsets.UTF_8).equals(log);
    } catch (NoSuchFileException _) {
      try (BlobWriter writer = blobs.create(KEY)) {
        writer.write(ByteBuffer.wrap(log.getBytes(StandardCharsets.UTF_8)));
        writer.commit();
      }
      return true;
    }
  }
}
