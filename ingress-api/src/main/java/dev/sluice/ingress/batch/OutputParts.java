package dev.sluice.ingress.batch;

import dev.sluice.contract.avro.BlobPart;
import dev.sluice.ingress.blob.BlobStore;
import dev.sluice.ingress.blob.BlobWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// One output of a batch: what is in blobs, and lines that are not yet. Every blob has a name of
/// its own, so a runner that froze and wakes overwrites nothing. Owned by the runner.
final class OutputParts {
  private final BlobStore blobs;
  private final String prefix;
  private final List<BlobPart> written;
  private ByteArrayOutputStream held = new ByteArrayOutputStream();

  /// @param prefix of its blobs' keys
  /// @param written what a predecessor wrote
  OutputParts(BlobStore blobs, String prefix, List<BlobPart> written) {
    this.blobs = blobs;
    this.prefix = prefix;
    this.written = new ArrayList<>(written);
  }

  void add(byte[] line) {
    held.writeBytes(line);
    held.write('\n');
  }

  int heldBytes() {
    return held.size();
  }

  List<BlobPart> written() {
    return List.copyOf(written);
  }

  /// Makes what is held durable.
  ///
  /// @param unique a random name
  void flush(String unique) throws IOException {
    if (held.size() == 0) {
      return;
    }
    String key = prefix + "-" + unique;
    try (BlobWriter blob = blobs.create(key)) {
      blob.write(ByteBuffer.wrap(held.toByteArray()));
      blob.commit();
      written.add(new BlobPart(key, blob.bytes()));
    }
    held = new ByteArrayOutputStream();
  }
}
