package dev.sluice.worker.kafka;

import java.time.Duration;
import java.time.Instant;

/// The broker's time, carried on from the last acknowledgement by this process's monotonic clock:
/// no decision compares the wall clocks of two machines. Safe for use by many threads.
public final class BrokerClock {
  private volatile Reading last = new Reading(0, 0);

  private record Reading(long brokerMillis, long nanos) {}

  /// Takes the append time of a record of this process, just acknowledged.
  public void observe(long brokerMillis) {
    last = new Reading(brokerMillis, System.nanoTime());
  }

  /// Whether there has been an acknowledgement yet.
  public boolean known() {
    return last.brokerMillis != 0;
  }

  public Instant now() {
    Reading reading = last;
    return Instant.ofEpochMilli(reading.brokerMillis).plusNanos(System.nanoTime() - reading.nanos);
  }

  /// Since the last acknowledgement.
  public Duration sinceObserved() {
    return Duration.ofNanos(System.nanoTime() - last.nanos);
  }
}
