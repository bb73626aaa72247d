package dev.sluice.router.core;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/// The first 128 bits of a SHA-256: what was hashed can be compared, not read.
public record Digest(long high, long low) {
  private static final int BYTES = 16;

  /// The digest of several parts; parts cut elsewhere give another one.
  static Digest of(byte[]... parts) {
    try {
      MessageDigest hash = MessageDigest.getInstance("SHA-256");
      for (byte[] part : parts) {
        hash.update(ByteBuffer.allocate(Integer.BYTES).putInt(part.length).flip());
        hash.update(part);
      }
      return of(ByteBuffer.wrap(hash.digest()));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  static Digest of(String kind, String tenant, byte[] what) {
    return of(kind.getBytes(StandardCharsets.UTF_8), tenant.getBytes(StandardCharsets.UTF_8), what);
  }

  /// Reads the first 16 bytes.
  ///
  /// @throws IllegalArgumentException when there are fewer
  public static Digest of(ByteBuffer bytes) {
    if (bytes.remaining() < BYTES) {
      throw new IllegalArgumentException("a digest has " + BYTES + " bytes");
    }
    ByteBuffer read = bytes.duplicate();
    return new Digest(read.getLong(), read.getLong());
  }

  public ByteBuffer bytes() {
    return ByteBuffer.allocate(BYTES).putLong(high).putLong(low).flip();
  }
}
