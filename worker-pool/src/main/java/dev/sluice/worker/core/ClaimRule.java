package dev.sluice.worker.core;

import java.time.Duration;

/// Whether a claimed attempt may call at once, or waits for the router's verdict since another call
/// for the same attempt may exist. Ages come from broker timestamps and from counted beats, never
/// from two machines' clocks.
public final class ClaimRule {

  /// An older release may have been made again by now.
  public static final Duration YOUNG = Duration.ofMillis(500);

  /// A worker whose own beats have not been acknowledged for this long may have been declared lost.
  public static final Duration FRESH_BEAT = Duration.ofSeconds(3);

  /// What is known when the question is asked.
  ///
  /// @param deliveryCount how often the share group has delivered the record, from 1
  /// @param repeat whether the router marked the release as a possible repeat
  /// @param age from the append of what the release answers to the append of the claim
  /// @param sinceBeat since the worker's last acknowledged beat
  public record Facts(int deliveryCount, boolean repeat, Duration age, Duration sinceBeat) {}

  /// The decision; every wait has its reason, for metrics.
  public enum Decision {
    CALL_AT_ONCE,
    AWAIT_REDELIVERED,
    AWAIT_REPEAT,
    AWAIT_OLD,
    AWAIT_STALE_BEAT;

    public boolean awaitsVerdict() {
      return this != CALL_AT_ONCE;
    }
  }

  private ClaimRule() {}

  public static Decision decide(Facts facts) {
    if (facts.deliveryCount() != 1) {
      return Decision.AWAIT_REDELIVERED;
    }
    if (facts.repeat()) {
      return Decision.AWAIT_REPEAT;
    }
    if (facts.age().compareTo(YOUNG) >= 0) {
      return Decision.AWAIT_OLD;
    }
    return facts.sinceBeat().compareTo(FRESH_BEAT) >= 0
        ? Decision.AWAIT_STALE_BEAT
        : Decision.CALL_AT_ONCE;
  }
}
