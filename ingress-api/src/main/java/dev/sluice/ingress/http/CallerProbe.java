package dev.sluice.ingress.http;

import dev.sluice.ingress.log.JobSignal;
import dev.sluice.ingress.log.JobWatch;
import io.undertow.connector.PooledByteBuffer;
import io.undertow.server.protocol.http.HttpServerConnection;
import java.time.Duration;
import java.util.Iterator;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/// Notices callers that hang up while they wait. Undertow does not read a connection while a
/// request is served, so nobody would see the end of it. Now and then the connections of those who
/// have begun to wait are armed: from then on the selector tells when one is closed, and a caller
/// that waits for long costs nothing more. What comes of a next request, the connection's guard
/// keeps.
final class CallerProbe implements AutoCloseable {
  /// Those whose connection is not armed.
  private final Set<Call> waiting = ConcurrentHashMap.newKeySet();

  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("ingress-caller-probe").daemon().factory());

  void start(Duration every) {
    var _ =
        timer.scheduleWithFixedDelay(
            this::armAll, every.toNanos(), every.toNanos(), TimeUnit.NANOSECONDS);
  }

  void watch(Call call) {
    waiting.add(call);
  }

  /// A connection that is armed stays so until its answer ends, when Undertow reads it again.
  void forget(Call call) {
    waiting.remove(call);
  }

  private void armAll() {
    for (Iterator<Call> all = waiting.iterator(); all.hasNext(); ) {
      Call call = all.next();
      all.remove();
      call.exchange().getIoThread().execute(() -> arm(call));
    }
  }

  /// On the connection's own I/O thread, as all that follows.
  private void arm(Call call) {
    if (!(call.exchange().getConnection() instanceof HttpServerConnection connection)) {
      return;
    }
    synchronized (call) {
      if (call.probeAllowed()) {
        connection.getChannel().getSourceChannel().setReadListener(_ -> readable(call, connection));
        connection.getOriginalSourceConduit().resumeReads();
      }
    }
  }

  private void readable(Call call, HttpServerConnection connection) {
    JobWatch watch = call.attached();
    boolean gone;
    synchronized (call) {
      if (!call.probeAllowed()) {
        return;
      }
      gone = hungUp(call, connection);
      connection.getOriginalSourceConduit().suspendReads();
    }
    if (gone && watch != null) {
      watch.tell(new JobSignal.CallerGone());
    } else if (!gone) {
      waiting.add(call);
    }
  }

  private static boolean hungUp(Call call, HttpServerConnection connection) {
    if (!connection.isOpen()) {
      return true;
    }
    RequestGuard guard = RequestGuard.of(call.exchange());
    if (guard == null) {
      return false;
    }
    try (PooledByteBuffer pooled = connection.getByteBufferPool().allocate()) {
      return guard.peerClosed(pooled.getBuffer());
    }
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
