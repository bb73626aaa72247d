package dev.sluice.ingress.http;

import dev.sluice.contract.model.ErrorCode;
import dev.sluice.ingress.core.Fault;
import dev.sluice.ingress.core.Refusal;
import dev.sluice.ingress.core.RefusedException;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.xnio.channels.StreamSourceChannel;

/// Reads a body from a virtual thread as if reading could wait, in the way that [ResponseStream]
/// writes. Memory is the reader's buffer; the caller sends no faster than it is read. Owned by one
/// thread.
final class RequestStream {
  /// How long a caller may send nothing.
  private static final Duration STALL = Duration.ofSeconds(30);

  private static final Duration LINGER = Duration.ofSeconds(2);
  private static final int LINGER_BUFFER_BYTES = 64 * 1024;

  private final HttpServerExchange exchange;
  private final long maxBytes;
  private final StreamSourceChannel channel;
  private final Thread owner = Thread.currentThread();
  private volatile boolean readable;
  private long bytes;

  RequestStream(HttpServerExchange exchange, long maxBytes) throws IOException {
    this.exchange = exchange;
    this.maxBytes = maxBytes;
    StreamSourceChannel open = exchange.getRequestChannel();
    if (open == null) {
      throw new IOException("the body was read already");
    }
    channel = open;
    channel
        .getReadSetter()
        .set(ready -> {
          ready.suspendReads();
          readable = true;
          LockSupport.unpark(owner);
        });
  }

  /// Reads at least one byte; -1 at the end.
  ///
  /// @throws RefusedException when the body is too long, or not well framed
  int read(ByteBuffer to) throws IOException {
    if (exchange.getRequestContentLength() > maxBytes) {
      throw tooLarge();
    }
    int count = channel.read(to);
    while (count == 0) {
      awaitReadable(STALL);
      count = channel.read(to);
    }
    if (count < 0) {
      Fault fault = RequestGuard.faultOf(exchange);
      if (fault != null) {
        throw new RefusedException(fault.refusal());
      }
      return -1;
    }
    bytes += count;
    if (bytes > maxBytes) {
      throw tooLarge();
    }
    return count;
  }

  private RefusedException tooLarge() {
    return new RefusedException(
        Refusal.of(ErrorCode.TOO_LARGE, "a body may have at most " + maxBytes + " bytes here"));
  }

  /// Reads on for a moment after the answer: to close a connection on a caller that still sends
  /// would destroy the answer on its way.
  void linger() {
    if (bytes == 0 && exchange.getRequestHeaders().contains(Headers.EXPECT)) {
      return;
    }
    ByteBuffer scratch = ByteBuffer.allocate(LINGER_BUFFER_BYTES);
    long until = System.nanoTime() + LINGER.toNanos();
    try {
      for (int count = channel.read(scratch);
          count >= 0 && System.nanoTime() < until;
          count = channel.read(scratch.clear())) {
        if (count == 0) {
          awaitReadable(LINGER);
        }
      }
    } catch (IOException _) {
      // The caller has gone, with the answer or without it.
    }
  }

  private void awaitReadable(Duration longest) throws IOException {
    readable = false;
    channel.resumeReads();
    long until = System.nanoTime() + longest.toNanos();
    while (!readable) {
      long left = until - System.nanoTime();
      if (left <= 0 || Thread.currentThread().isInterrupted()) {
        throw new IOException("the caller does not send");
      }
      LockSupport.parkNanos(this, left);
    }
  }
}
