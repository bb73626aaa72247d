package dev.sluice.ingress.http;

import dev.sluice.contract.avro.BlobPart;
import dev.sluice.ingress.blob.BlobStore;
import dev.sluice.ingress.log.BatchLog;
import dev.sluice.ingress.log.FileLog;
import dev.sluice.ingress.log.KeyLog;
import java.io.IOException;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Where files and batches are, and the keys under which they and other things were made.
public record Storage(FileLog files, BatchLog batches, BlobStore blobs, KeyLog keys) {
  private static final Logger LOG = LoggerFactory.getLogger(Storage.class);

  /// Removes bytes that nothing refers to any more. What the store does not remove now, the sweep
  /// will.
  void drop(List<BlobPart> parts) {
    for (BlobPart part : parts) {
      try {
        blobs.delete(part.getBlob());
      } catch (IOException e) {
        LOG.atDebug().setCause(e).log("bytes left to the sweep");
      }
    }
  }
}
