package dev.sluice.bench.bare;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// A record of the bare path: which step it is, when its request was due, and padding to the size
/// of an ordinary one.
record Step(Kind kind, long dueNanos) {
  private static final int BYTES = 1024;

  enum Kind {
    REQUEST,
    CLAIM,
    OUTCOME,
    OUTPUT
  }

  static Step of(byte[] value) {
    ByteBuffer bytes = ByteBuffer.wrap(value);
    long due = bytes.getLong();
    byte[] name = new byte[bytes.get()];
    bytes.get(name);
    return new Step(Kind.valueOf(new String(name, StandardCharsets.US_ASCII)), due);
  }

  byte[] bytes() {
    byte[] name = kind.name().getBytes(StandardCharsets.US_ASCII);
    return ByteBuffer.allocate(BYTES).putLong(dueNanos).put((byte) name.length).put(name).array();
  }

  Step as(Kind next) {
    return new Step(next, dueNanos);
  }
}
