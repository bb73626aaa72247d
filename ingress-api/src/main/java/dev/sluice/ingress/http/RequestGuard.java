package dev.sluice.ingress.http;

import dev.sluice.ingress.core.Fault;
import dev.sluice.ingress.core.RequestScan;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.protocol.http.HttpServerConnection;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.xnio.IoUtils;
import org.xnio.StreamConnection;
import org.xnio.XnioExecutor;
import org.xnio.channels.StreamSinkChannel;
import org.xnio.conduits.AbstractStreamSourceConduit;
import org.xnio.conduits.ConduitReadableByteChannel;
import org.xnio.conduits.StreamSourceConduit;

/// Stands between a connection's socket and Undertow's parser, which accepts much that other
/// readers of the same bytes would take for something else. It gives on whole heads and whole chunk
/// lines that [RequestScan] found good, one request at a time. In place of a bad one it gives a
/// harmless one and keeps the fault, which the gate then answers with: so answers stay in order,
/// and nothing after a fault is ever served.
///
/// A head that comes in one read is checked where it lies; only what comes in parts is copied.
/// Owned by the connection's I/O thread.
final class RequestGuard extends AbstractStreamSourceConduit<StreamSourceConduit> {
  private static final byte[] HARMLESS = ascii("GET / HTTP/1.1\r\nHost: fault\r\n\r\n");
  private static final byte[] LAST_CHUNK = ascii("0\r\n\r\n");
  private static final byte[] LAST_CHUNK_AFTER_ANOTHER = ascii("\r\n0\r\n\r\n");
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);
  private static final int FIRST_BYTES = 1_024;

  /// Most that is read ahead of requests that are not served yet.
  private static final int AHEAD_BYTES = 64 * 1024;

  private final XnioExecutor thread;
  private final Duration headTime;
  private final RequestScan scan;

  /// What was read and not given on; the first `good` bytes may be.
  private ByteBuffer held = NOTHING;

  private int good;
  private XnioExecutor.@Nullable Key headDeadline;

  private RequestGuard(
      StreamSourceConduit socket, XnioExecutor thread, int maxHeadBytes, Duration headTime) {
    super(socket);
    this.thread = thread;
    this.headTime = headTime;
    this.scan = new RequestScan(maxHeadBytes);
  }

  /// Puts a guard before whoever reads the connection from now on.
  ///
  /// @param headTime how long a head may take from its first byte to its last
  static void protect(StreamConnection connection, int maxHeadBytes, Duration headTime) {
    StreamSourceConduit socket = connection.getSourceChannel().getConduit();
    connection
        .getSourceChannel()
        .setConduit(new RequestGuard(socket, connection.getIoThread(), maxHeadBytes, headTime));
  }

  static @Nullable RequestGuard of(HttpServerExchange exchange) {
    return exchange.getConnection() instanceof HttpServerConnection connection
            && connection.getOriginalSourceConduit() instanceof RequestGuard guard
        ? guard
        : null;
  }

  /// What is wrong with the bytes of the request that is being served; null when nothing is.
  static @Nullable Fault faultOf(HttpServerExchange exchange) {
    RequestGuard guard = of(exchange);
    return guard == null ? null : guard.scan.fault();
  }

  @Override
  public int read(ByteBuffer to) throws IOException {
    if (good > 0) {
      return give(to);
    }
    if (scan.fault() != null) {
      return discard(to);
    }
    if (held.hasRemaining()) {
      return readOn(to);
    }
    if (scan.done()) {
      scan.next();
    }
    int start = to.position();
    int count = super.read(to);
    if (count <= 0) {
      return count;
    }
    int read = scan.scan(to, start, start + count);
    int end = start + count;
    if (read < end || scan.unfinished() > 0) {
      int passed = read - scan.unfinished();
      hold(to.duplicate().limit(end).position(passed), read - passed);
      to.position(passed);
    }
    return to.position() > start ? to.position() - start : give(to);
  }

  /// Goes on with what is held: the rest of a unit, or the next request.
  private int readOn(ByteBuffer to) throws IOException {
    int read = scan.unfinished();
    if (scan.done()) {
      scan.next();
      read = 0;
    }
    while (good == 0) {
      if (read == held.remaining()) {
        int count = more();
        if (count <= 0) {
          return count;
        }
      }
      int start = held.position();
      read = scan.scan(held, start + read, held.limit()) - start;
      good = read - scan.unfinished();
      settle(read);
    }
    return give(to);
  }

  /// Keeps what was read but may not be given on yet.
  ///
  /// @param read how much of it the scan has read
  private void hold(ByteBuffer rest, int read) {
    held = ByteBuffer.allocate(Math.max(FIRST_BYTES, 2 * rest.remaining())).put(rest).flip();
    settle(read);
  }

  /// After a scan: a fault replaces what it was found in, and an unfinished head has its time.
  private void settle(int read) {
    if (scan.fault() != null) {
      byte[] instead =
          scan.inHead() ? HARMLESS : scan.atFirstChunk() ? LAST_CHUNK : LAST_CHUNK_AFTER_ANOTHER;
      ByteBuffer before = held.slice(held.position(), good);
      held = ByteBuffer.allocate(good + instead.length).put(before).put(instead).flip();
      good = held.remaining();
    }
    boolean waits = scan.fault() == null && scan.inHead() && scan.unfinished() > 0 && read > 0;
    if (waits && headDeadline == null) {
      headDeadline =
          thread.executeAfter(this::headIsLate, headTime.toMillis(), TimeUnit.MILLISECONDS);
    } else if (!waits && headDeadline != null) {
      headDeadline.remove();
      headDeadline = null;
    }
  }

  private void headIsLate() {
    headDeadline = null;
    scan.fail(Fault.SLOW);
    settle(0);
    super.wakeupReads();
  }

  private int more() throws IOException {
    if (held.limit() == held.capacity()) {
      held = ByteBuffer.allocate(2 * held.remaining() + FIRST_BYTES).put(held).flip();
    }
    int position = held.position();
    int limit = held.limit();
    held.limit(held.capacity()).position(limit);
    try {
      return super.read(held);
    } finally {
      held.limit(held.position()).position(position);
    }
  }

  private int give(ByteBuffer to) {
    int count = Math.min(good, to.remaining());
    to.put(held.slice(held.position(), count));
    held.position(held.position() + count);
    good -= count;
    if (!held.hasRemaining()) {
      held = NOTHING;
    }
    return count;
  }

  /// Reads what comes after a fault, so that closing does not destroy the answer on its way.
  private int discard(ByteBuffer to) throws IOException {
    int count = super.read(to.duplicate());
    return count < 0 ? -1 : 0;
  }

  /// Whether the caller has closed. What it sent ahead is kept for later.
  ///
  /// @param scratch room to read into
  boolean peerClosed(ByteBuffer scratch) {
    if (held.remaining() >= AHEAD_BYTES) {
      return false;
    }
    try {
      int count = super.read(scratch);
      if (count > 0) {
        scratch.flip();
        int size = held.remaining() + count;
        held = ByteBuffer.allocate(size).put(held).put(scratch).flip();
      }
      return count < 0;
    } catch (IOException _) {
      return true;
    }
  }

  @Override
  public long read(ByteBuffer[] to, int offset, int count) throws IOException {
    for (int i = offset; i < offset + count; i++) {
      if (to[i].hasRemaining()) {
        return read(to[i]);
      }
    }
    return 0;
  }

  @Override
  public long transferTo(long position, long count, FileChannel target) throws IOException {
    return target.transferFrom(new ConduitReadableByteChannel(this), position, count);
  }

  @Override
  public long transferTo(long count, ByteBuffer through, StreamSinkChannel target)
      throws IOException {
    return IoUtils.transfer(new ConduitReadableByteChannel(this), count, through, target);
  }

  /// What is held gives no sign of its own that it can be read.
  @Override
  public void resumeReads() {
    if (good > 0 || (scan.done() && held.hasRemaining())) {
      super.wakeupReads();
    } else {
      super.resumeReads();
    }
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
