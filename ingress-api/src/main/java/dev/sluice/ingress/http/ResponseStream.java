package dev.sluice.ingress.http;

import io.undertow.server.HttpServerExchange;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.xnio.channels.StreamSinkChannel;

/// Writes a response from a virtual thread as if writing could wait: when the socket is full the
/// thread parks and the I/O thread wakes it. Undertow's own blocking streams would hold a selector
/// for each thread. Owned by one thread.
final class ResponseStream {
  /// How long a caller may take nothing.
  private static final Duration STALL = Duration.ofSeconds(30);

  private final StreamSinkChannel channel;
  private final Thread owner = Thread.currentThread();
  private volatile boolean writable;

  ResponseStream(HttpServerExchange exchange) throws IOException {
    StreamSinkChannel open = exchange.getResponseChannel();
    if (open == null) {
      throw new IOException("the response was begun already");
    }
    channel = open;
    channel
        .getWriteSetter()
        .set(ready -> {
          ready.suspendWrites();
          writable = true;
          LockSupport.unpark(owner);
        });
  }

  /// Writes all of it and pushes it out.
  ///
  /// @throws IOException when the caller is gone, or takes nothing for too long
  void write(ByteBuffer bytes) throws IOException {
    writeLast(bytes);
    while (!channel.flush()) {
      awaitWritable();
    }
  }

  /// Writes all of an answer of known length, or the rest of it. It is on its way then, but the
  /// exchange has not ended.
  ///
  /// @throws IOException when the caller is gone, or takes nothing for too long
  void writeLast(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      if (channel.write(bytes) == 0) {
        awaitWritable();
      }
    }
  }

  private void awaitWritable() throws IOException {
    writable = false;
    channel.resumeWrites();
    long until = System.nanoTime() + STALL.toNanos();
    while (!writable) {
      long left = until - System.nanoTime();
      if (left <= 0 || Thread.currentThread().isInterrupted()) {
        throw new IOException("the caller does not read");
      }
      LockSupport.parkNanos(this, left);
    }
  }
}
