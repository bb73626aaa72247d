package dev.sluice.ingress.core;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/// The digest by which a request is told from another, 16 bytes.
public final class Fingerprint {
  private static final int BYTES = 16;

  private Fingerprint() {}

  /// @param path the request was sent to
  public static ByteBuffer of(String path, byte[] body) {
    try {
      MessageDigest hash = MessageDigest.getInstance("SHA-256");
      hash.update(path.getBytes(StandardCharsets.UTF_8));
      hash.update((byte) '\n');
      hash.update(body);
      return ByteBuffer.wrap(hash.digest(), 0, BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
