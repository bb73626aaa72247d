package dev.sluice.worker.core;

import java.time.Duration;

/// What a worker knows of itself by the broker's acknowledgements of its own beats: whether a
/// router may have declared it lost. All times are of [System#nanoTime].
///
/// One thread writes, any may read.
public final class OwnBeats {
  private volatile long acknowledgedNanos;

  /// When a beat was acknowledged after a silence; that of the start until there was one.
  private volatile long silentUntilNanos;

  public OwnBeats(long startNanos) {
    acknowledgedNanos = startNanos;
    silentUntilNanos = startNanos;
  }

  /// A beat was acknowledged. It proves that this worker was in touch when the beat was sent, not
  /// when one hears of it: beats that were sent while it was cut off are all acknowledged at its
  /// end.
  public void acknowledged(long sentNanos, long nowNanos) {
    if (nowNanos - acknowledgedNanos >= ClaimRule.FRESH_BEAT.toNanos()) {
      silentUntilNanos = nowNanos;
    }
    acknowledgedNanos = sentNanos;
  }

  /// Since the last acknowledged beat was sent.
  public Duration age(long nowNanos) {
    return Duration.ofNanos(nowNanos - acknowledgedNanos);
  }

  /// Whether there was a time after `nanos` when no beat of the last [ClaimRule#FRESH_BEAT] had
  /// been acknowledged, so that a router may have given away what this worker claimed at `nanos`.
  public boolean silentSince(long nanos, long nowNanos) {
    return age(nowNanos).compareTo(ClaimRule.FRESH_BEAT) >= 0 || silentUntilNanos - nanos > 0;
  }
}
