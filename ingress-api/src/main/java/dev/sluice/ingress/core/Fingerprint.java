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
    Gathering all = gather(path);
    all.add(ByteBuffer.wrap(body));
    return all.end();
  }

  /// Begins the digest of a request whose body comes in pieces.
  ///
  /// @param path the request was sent to
  public static Gathering gather(String path) {
    return new Gathering(path);
  }

  /// A digest on its way; owned by one thread.
  public static final class Gathering {
    private final MessageDigest hash;

    private Gathering(String path) {
      try {
        hash = MessageDigest.getInstance("SHA-256");
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("every JDK has SHA-256", e);
      }
      hash.update(path.getBytes(StandardCharsets.UTF_8));
      hash.update((byte) '\n');
    }

    /// Takes the next piece; its position stays.
    public void add(ByteBuffer piece) {
      hash.update(piece.duplicate());
    }

    /// The digest; asked once.
    public ByteBuffer end() {
      return ByteBuffer.wrap(hash.digest(), 0, BYTES);
    }
  }
}
