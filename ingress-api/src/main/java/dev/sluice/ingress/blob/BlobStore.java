package dev.sluice.ingress.blob;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/// Bytes by key. A blob is written once and whole: it is either there with all its bytes or not at
/// all, and never changes. So whoever holds a key and a length needs no lock. Every ingress must
/// see the same store. Safe for use by many threads.
///
/// What fails is a [BlobStoreException], but for a blob that is not there.
public interface BlobStore extends AutoCloseable {

  /// Longest time from the beginning of a blob to its commit. The sweep relies on it: whatever is
  /// older and has no record will never have one.
  Duration LONGEST_WRITE = Duration.ofHours(6);

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

  /// The next blobs in the order of their keys.
  ///
  /// @param after key that all of them come after; empty for the first ones
  /// @param most 1 to 1,000; fewer come only at the end
  List<StoredBlob> list(String after, int most) throws IOException;

  /// Removes what was begun before an instant, and neither committed nor closed, such as by a
  /// process that was killed.
  ///
  /// @param before an instant on the store's clock
  /// @return how many were removed, at most `most`
  int dropUnfinished(Instant before, int most) throws IOException;

  @Override
  void close();

  /// A blob that is there.
  ///
  /// @param writtenAt on the store's clock: not before its writing began, not after its commit
  record StoredBlob(String key, Instant writtenAt) {}
}
