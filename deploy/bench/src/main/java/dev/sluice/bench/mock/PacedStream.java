package dev.sluice.bench.mock;

import java.io.IOException;
import java.nio.ByteBuffer;

/// A streamed answer that leaves bit by bit. Belongs to the mock's one thread.
final class PacedStream {
  private final MockConnection connection;
  private final ByteBuffer left;
  private final long beganNanos;
  private final long lengthNanos;

  PacedStream(MockConnection connection, ByteBuffer whole, long beganNanos, long lengthNanos) {
    this.connection = connection;
    this.left = whole;
    this.beganNanos = beganNanos;
    this.lengthNanos = lengthNanos;
  }

  /// Sends what is due.
  ///
  /// @return whether that was the last
  boolean send(long nowNanos) throws IOException {
    double part = Math.min(1, (nowNanos - beganNanos) / (double) lengthNanos);
    int due = (int) (left.capacity() * part);
    if (due > left.position() && connection.idle()) {
      ByteBuffer next = left.duplicate().limit(due);
      left.position(due);
      connection.answer(next);
    }
    return !left.hasRemaining();
  }

  void close() throws IOException {
    connection.close();
  }
}
