package dev.sluice.ingress.http;

import io.undertow.connector.PooledByteBuffer;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.RequestTooBigException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.xnio.channels.StreamSourceChannel;

/// Gathers a request's body without a thread waiting for it. Memory grows with what has come, never
/// with what was announced; a caller slower than 1 KiB/s after the first seconds is cut off.
/// Everything here happens on the connection's own I/O thread.
final class BodyCollector {
  private static final int FIRST_BYTES = 2 * 1024;
  private static final long BYTES_PER_SECOND = 1_024;

  private final HttpServerExchange exchange;
  private final Bounds bounds;
  private final Outcome outcome;
  private final long began = System.nanoTime();
  private byte[] bytes;
  private int size;
  private boolean done;

  /// @param grace how long it may come as slowly as it likes
  record Bounds(int maxBytes, Duration grace) {}

  /// What becomes of the body; exactly one of these is called, once.
  interface Outcome {
    void complete(byte[] body);

    void tooLarge();

    void tooSlow();

    /// The caller closed, or broke the framing.
    void broken();
  }

  BodyCollector(HttpServerExchange exchange, Bounds bounds, Outcome outcome) {
    this.exchange = exchange;
    this.bounds = bounds;
    this.outcome = outcome;
    long announced = exchange.getRequestContentLength();
    this.bytes = new byte[Math.clamp(announced, 256, FIRST_BYTES)];
  }

  void start() {
    StreamSourceChannel channel = exchange.getRequestChannel();
    if (channel == null) {
      end(outcome::broken);
      return;
    }
    read(channel);
    if (!done) {
      channel.getReadSetter().set(this::read);
      channel.resumeReads();
      checkAfter(bounds.grace());
    }
  }

  private void read(StreamSourceChannel channel) {
    if (done) {
      return;
    }
    try (PooledByteBuffer pooled = exchange.getConnection().getByteBufferPool().allocate()) {
      ByteBuffer buffer = pooled.getBuffer();
      for (int count = channel.read(buffer); count != 0; count = channel.read(buffer)) {
        if (count < 0) {
          end(() -> outcome.complete(size == bytes.length ? bytes : Arrays.copyOf(bytes, size)));
          return;
        }
        if (size + count > bounds.maxBytes()) {
          end(outcome::tooLarge);
          return;
        }
        take(buffer);
      }
    } catch (RequestTooBigException _) {
      end(outcome::tooLarge);
    } catch (IOException _) {
      end(outcome::broken);
    }
  }

  private void take(ByteBuffer buffer) {
    buffer.flip();
    int count = buffer.remaining();
    if (size + count > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + count));
    }
    buffer.get(bytes, size, count);
    size += count;
    buffer.clear();
  }

  private void check() {
    if (done) {
      return;
    }
    Duration late = Duration.ofNanos(System.nanoTime() - began).minus(bounds.grace());
    if (size < late.toMillis() * BYTES_PER_SECOND / 1_000 || size == 0) {
      end(outcome::tooSlow);
    } else {
      checkAfter(bounds.grace().dividedBy(2));
    }
  }

  private void checkAfter(Duration time) {
    exchange.getIoThread().executeAfter(this::check, time.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void end(Runnable how) {
    done = true;
    how.run();
  }
}
