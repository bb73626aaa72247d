package dev.sluice.router.core;

import dev.sluice.contract.model.JobId;

/// Stable hashes: the same in every process and every version, for assignments rest on them.
final class RouteHash {
  private static final double UNIT = 0x1.0p-53;

  private RouteHash() {}

  static long of(JobId id) {
    return mix(id.high() * 31 + id.low());
  }

  static long of(String text) {
    long hash = 1125899906842597L;
    for (int i = 0; i < text.length(); i++) {
      hash = 31 * hash + text.charAt(i);
    }
    return mix(hash);
  }

  /// A number in 0..1, without either end.
  static double unit(long hash) {
    return ((hash >>> 11) + 0.5) * UNIT;
  }

  /// Spreads neighbouring values: the finaliser of SplitMix64.
  static long mix(long value) {
    long z = (value ^ (value >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
