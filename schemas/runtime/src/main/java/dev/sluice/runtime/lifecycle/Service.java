package dev.sluice.runtime.lifecycle;

import java.time.Duration;
import java.util.Optional;

/// A part of Sluice that runs: each of ingress, router, worker and metering is one. All methods are
/// idempotent and may be called from any thread; `close` is safe before `start`.
public interface Service extends AutoCloseable {

  /// For logs, metrics and readiness: `ingress`, `router`, `worker`, `metering`.
  String name();

  /// Starts its threads and returns; it may become ready later.
  void start();

  /// Why it cannot serve now, for people: before it has its share of the work and has taken that
  /// over, while draining, or when Kafka cannot be reached. Empty when it can. Answers at once.
  Optional<String> waitsFor();

  /// Whether it can serve now.
  default boolean ready() {
    return waitsFor().isEmpty();
  }

  /// Takes no new work and ends what runs, as far as it ends within `grace`.
  void drain(Duration grace);

  /// Stops at once; what was accepted stays in the log.
  @Override
  void close();
}
