package dev.sluice.ingress.blob;

import java.io.IOException;
import java.io.InputStream;

/// Bytes by key. A blob is written once and whole: it is either there with all its bytes or not at
/// all, and never changes. So whoever holds a key and a length needs no lock. Every ingress must
/// see the same store. Safe for use by many threads.
public interface BlobStore {

  /// Begins a blob, which is there once it was committed.
  ///
  /// @param key lower-case letters, digits, `-`, `_`, `.` and `/`
  BlobWriter create(String key) throws IOException;

  /// The bytes of a blob from an offset to its end; the caller closes it.
  ///
  /// @throws java.nio.file.NoSuchFileException when there is no such blob
  InputStream open(String key, long from) throws IOException;

  /// Removes a blob; nothing when there is none.
  void delete(String key) throws IOException;
}
