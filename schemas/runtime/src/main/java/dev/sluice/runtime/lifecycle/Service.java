package dev.sluice.runtime.lifecycle;

import java.time.Duration;

/// A part of Sluice that runs: each of ingress, router, worker and metering is one. All methods are
/// idempotent and may be called from any thread; `close` is safe before `start`.
public interface Service extends AutoCloseable {

  /// For logs, metrics and readiness: `ingress`, `router`, `worker`, `metering`.
  String name();

  /// Starts its threads and returns; it may become ready later.
  void start();

  /// Whether it does its work now: false before the first assignment, while draining, or when Kafka
  /// cannot be reached.
  boolean ready();

  /// Takes no new work and ends what runs, as far as it ends within `grace`.
  void drain(Duration grace);

  /// Stops at once; what was accepted stays in the log.
  @Override
  void close();
}
