package dev.sluice.ingress.sweep;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.atomic.AtomicInteger;

/// What the sweep has done.
public final class SweepMeters {
  private static final String SWEEPS = "sluice.ingress.sweeps";
  private static final String BLOBS = "sluice.ingress.sweep.blobs";

  private final MeterRegistry meters;
  private final AtomicInteger waiting = new AtomicInteger();

  public SweepMeters(MeterRegistry meters) {
    this.meters = meters;
    meters.gauge("sluice.ingress.sweep.waiting", waiting);
  }

  private Counter sweeps(String outcome) {
    return Counter.builder(SWEEPS)
        .tag("outcome", outcome)
        .description("sweeps of the blob store, by how they ended")
        .register(meters);
  }

  void done() {
    sweeps("done").increment();
  }

  void failed() {
    sweeps("failed").increment();
  }

  void foreign() {
    sweeps("foreign").increment();
  }

  private Counter blobs(String kind) {
    return Counter.builder(BLOBS)
        .tag("kind", kind)
        .description("blobs that the sweep removed")
        .register(meters);
  }

  /// A blob that nothing referred to.
  void orphan() {
    blobs("orphan").increment();
  }

  /// Blobs that were begun and never committed.
  void unfinished(int count) {
    blobs("unfinished").increment(count);
  }

  /// A record of a file, an upload or a part.
  void record(String kind) {
    Counter.builder("sluice.ingress.sweep.records")
        .tag("kind", kind)
        .description("records of expired files and uploads that the sweep removed")
        .register(meters)
        .increment();
  }

  /// Blobs that wait for their second look.
  void waiting(int count) {
    waiting.set(count);
  }
}
