package dev.sluice.ingress.http;

import dev.sluice.ingress.log.JobSignal;
import dev.sluice.ingress.log.JobWatch;
import io.undertow.connector.PooledByteBuffer;
import io.undertow.server.HttpServerExchange;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/// Notices callers that hang up while they wait. Undertow does not read a connection while a
/// request is served, so nobody would see the end of it: once a second each waiting connection is
/// read once on its own I/O thread; what comes of a next request, its guard keeps.
final class CallerProbe implements AutoCloseable {
  private static final long EVERY_MILLIS = 1_000;

  private final Set<Call> waiting = ConcurrentHashMap.newKeySet();
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("ingress-caller-probe").daemon().factory());

  void start() {
    var _ =
        timer.scheduleWithFixedDelay(
            this::probeAll, EVERY_MILLIS, EVERY_MILLIS, TimeUnit.MILLISECONDS);
  }

  void watch(Call call) {
    waiting.add(call);
  }

  void forget(Call call) {
    waiting.remove(call);
  }

  private void probeAll() {
    for (Call call : waiting) {
      call.exchange().getIoThread().execute(() -> probe(call));
    }
  }

  private void probe(Call call) {
    JobWatch watch = call.attached();
    boolean gone;
    synchronized (call) {
      gone = watch != null && call.probeAllowed() && hungUp(call.exchange());
    }
    if (gone && watch != null && waiting.remove(call)) {
      watch.tell(new JobSignal.CallerGone());
    }
  }

  private static boolean hungUp(HttpServerExchange exchange) {
    if (!exchange.getConnection().isOpen()) {
      return true;
    }
    RequestGuard guard = RequestGuard.of(exchange);
    if (guard == null) {
      return false;
    }
    try (PooledByteBuffer pooled = exchange.getConnection().getByteBufferPool().allocate()) {
      return guard.peerClosed(pooled.getBuffer());
    }
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
