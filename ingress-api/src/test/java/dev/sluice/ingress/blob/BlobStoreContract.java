package dev.sluice.ingress.blob;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sluice.ingress.blob.BlobStore.StoredBlob;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What every blob store does.
abstract class BlobStoreContract {
  private static final int PART = S3Writer.PART_BYTES;

  private final AtomicLong nanos = new AtomicLong();
  BlobStore blobs;

  /// An empty store.
  abstract BlobStore open(LongSupplier nanos) throws Exception;

  @BeforeEach
  void opens() throws Exception {
    blobs = open(nanos::get);
  }

  @AfterEach
  void closes() {
    blobs.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 100_000, PART, PART + 1, 2 * PART, 2 * PART + 12_345})
  void aBlobHasTheBytesThatWereWritten(int size) throws Exception {
    byte[] bytes = bytes(size);

    write("files/one", bytes);

    assertArrayEquals(bytes, read("files/one", 0));
    assertEquals(0, read("files/one", size).length);
    int from = size / 3 * 2;
    assertArrayEquals(Arrays.copyOfRange(bytes, from, size), read("files/one", from));
  }

  @Test
  void aReaderMayLeaveBeforeTheEnd() throws Exception {
    byte[] bytes = bytes(2 * PART);
    write("one", bytes);

    for (int i = 0; i < 50; i++) {
      try (InputStream in = blobs.open("one", i)) {
        assertArrayEquals(Arrays.copyOfRange(bytes, i, i + 1_000), in.readNBytes(1_000));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {10, 2 * PART + 1})
  void aBlobThatWasNotCommittedIsNotThere(int size) throws Exception {
    try (BlobWriter writer = blobs.create("one")) {
      writer.write(ByteBuffer.wrap(bytes(size)));
      assertEquals(size, writer.bytes());
      assertThrows(NoSuchFileException.class, () -> read("one", 0));
    }

    assertThrows(NoSuchFileException.class, () -> read("one", 0));
    assertEquals(List.of(), blobs.list("", 10));
    assertEquals(0, blobs.dropUnfinished(Instant.now().plus(Duration.ofHours(1)), 10));
  }

  @ParameterizedTest
  @ValueSource(ints = {10, 2 * PART + 1})
  void aBlobThatTookTooLongIsNotCommitted(int size) throws Exception {
    try (BlobWriter writer = blobs.create("one")) {
      writer.write(ByteBuffer.wrap(bytes(size)));
      nanos.addAndGet(BlobStore.LONGEST_WRITE.toNanos() + 1);

      BlobStoreException failure = assertThrows(BlobStoreException.class, writer::commit);
      assertEquals(BlobStoreException.Kind.TOO_SLOW, failure.kind());
    }

    assertEquals(List.of(), blobs.list("", 10));
  }

  @Test
  void aMissingBlobIsSaidAtOnceAndCanBeDeleted() throws Exception {
    NoSuchFileException missing =
        assertThrows(NoSuchFileException.class, () -> blobs.open("files/nothing", 0));
    assertEquals("files/nothing", missing.getMessage());

    blobs.delete("files/nothing");
  }

  @Test
  void aDeletedBlobIsGone() throws Exception {
    write("files/one", bytes(10));
    write("files/two", bytes(10));

    blobs.delete("files/one");

    assertThrows(NoSuchFileException.class, () -> read("files/one", 0));
    assertEquals(List.of("files/two"), keys("", 10));
  }

  @Test
  void blobsAreListedInTheOrderOfTheirKeys() throws Exception {
    List<String> keys = List.of("a-1", "a/1", "a/b/2", "a0", "b/1", "b/1.x", "b/2");
    for (String key : keys.reversed()) {
      write(key, key.getBytes(StandardCharsets.UTF_8));
    }

    assertEquals(keys, keys("", 1_000));
    for (int i = 0; i < keys.size(); i++) {
      assertEquals(
          keys.subList(i + 1, Math.min(keys.size(), i + 4)), keys(keys.get(i), 3), keys.get(i));
    }
  }

  @Test
  void aListedBlobSaysWhenItWasWritten() throws Exception {
    Instant before = Instant.now();

    write("one", bytes(PART + 1));

    Instant at = blobs.list("", 1).getFirst().writtenAt();
    Duration apart = Duration.between(before, at).abs();
    assertEquals(-1, apart.compareTo(Duration.ofMinutes(1)), at.toString());
  }

  @Test
  @SuppressWarnings("MustBeClosedChecker")
  void whatAKilledWriterLeftCanBeDropped() throws Exception {
    BlobWriter killed = blobs.create("files/one");
    killed.write(ByteBuffer.wrap(bytes(2 * PART)));
    write("files/two", bytes(10));

    assertEquals(0, blobs.dropUnfinished(Instant.now().minus(Duration.ofHours(1)), 10));
    assertEquals(1, blobs.dropUnfinished(Instant.now().plus(Duration.ofHours(1)), 10));
    assertEquals(0, blobs.dropUnfinished(Instant.now().plus(Duration.ofHours(1)), 10));
    assertEquals(List.of("files/two"), keys("", 10));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/a", "a/", "a//b", "../a", "a/../b", "A", "a b", "ä"})
  void aKeyOfAnotherFormIsAFault(String key) {
    assertThrows(IllegalArgumentException.class, () -> blobs.create(key));
    assertThrows(IllegalArgumentException.class, () -> blobs.open(key, 0));
    assertThrows(IllegalArgumentException.class, () -> blobs.delete(key));
  }

  static byte[] bytes(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }

  /// In pieces, as a request's body comes.
  void write(String key, byte[] bytes) throws IOException {
    try (BlobWriter writer = blobs.create(key)) {
      for (int at = 0; at < bytes.length; at += 60_000) {
        writer.write(ByteBuffer.wrap(bytes, at, Math.min(60_000, bytes.length - at)));
      }
      writer.commit();
      assertEquals(bytes.length, writer.bytes());
    }
  }

  byte[] read(String key, long from) throws IOException {
    try (InputStream in = blobs.open(key, from)) {
      return in.readAllBytes();
    }
  }

  private List<String> keys(String after, int most) throws IOException {
    return blobs.list(after, most).stream().map(StoredBlob::key).toList();
  }
}
