package dev.sluice.ingress.http;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// Counts and times requests by route and status, with nothing a caller can make unbounded.
final class RouteMeters {
  private final MeterRegistry registry;
  private final AtomicInteger inFlight = new AtomicInteger();
  private final ConcurrentHashMap<Key, Timer> timers = new ConcurrentHashMap<>();
  private final Timer firstByte;

  private record Key(String route, int status) {}

  RouteMeters(MeterRegistry registry) {
    this.registry = registry;
    Gauge.builder("sluice.ingress.in.flight", inFlight, AtomicInteger::get)
        .description("requests being served, waiting ones included")
        .register(registry);
    this.firstByte =
        Timer.builder("sluice.ingress.first.byte")
            .description("from a streaming request to the first byte of its answer")
            .register(registry);
  }

  void begin() {
    inFlight.incrementAndGet();
  }

  void end(String route, int status, long nanos) {
    inFlight.decrementAndGet();
    refused(route, status, nanos);
  }

  /// A request that was answered before it was served.
  void refused(String route, int status, long nanos) {
    timers.computeIfAbsent(new Key(route, status), this::timer).record(nanos, TimeUnit.NANOSECONDS);
  }

  void firstByte(long nanos) {
    firstByte.record(nanos, TimeUnit.NANOSECONDS);
  }

  private Timer timer(Key key) {
    return Timer.builder("sluice.ingress.requests")
        .description("requests by route and status, from the head to the end of the answer")
        .tag("route", key.route())
        .tag("status", Integer.toString(key.status()))
        .register(registry);
  }
}
