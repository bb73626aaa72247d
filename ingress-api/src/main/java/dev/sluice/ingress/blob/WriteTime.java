package dev.sluice.ingress.blob;

import dev.sluice.ingress.blob.BlobStoreException.Kind;
import java.util.function.LongSupplier;

/// Holds a writer to [BlobStore#LONGEST_WRITE]. Owned by its thread.
///
/// @param nanos a clock that only goes forward
/// @param began what it said when the blob was begun
record WriteTime(LongSupplier nanos, long began) {

  static WriteTime begin(LongSupplier nanos) {
    return new WriteTime(nanos, nanos.getAsLong());
  }

  /// @throws BlobStoreException when the blob may not be committed any more
  void check() throws BlobStoreException {
    if (nanos.getAsLong() - began > BlobStore.LONGEST_WRITE.toNanos()) {
      throw new BlobStoreException(
          Kind.TOO_SLOW,
          "sending took longer than " + BlobStore.LONGEST_WRITE.toHours() + " hours");
    }
  }
}
