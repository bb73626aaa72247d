package dev.sluice.contract.price;

import java.util.Optional;

/// What one call costs, and the GPU time behind that.
///
/// @param owed by the operator: the GPU time where the pool's is priced, else the tokens
/// @param charged to the tenant, if its answer is delivered: the tokens where they have a price,
///   else the GPU time
/// @param gpu empty where the pool's GPUs are not named
public record CallPrice(Rating owed, Rating charged, Optional<GpuTime> gpu) {

  /// @param micros GPU-microseconds
  /// @param rate by which they were counted
  public record GpuTime(long micros, GpuRate rate) {}

  /// A call that costs what its tokens cost.
  static CallPrice ofTokens(Rating rating) {
    return new CallPrice(rating, rating, Optional.empty());
  }

  /// GPU-microseconds; 0 where the pool's GPUs are not named.
  public long gpuMicros() {
    return gpu.map(GpuTime::micros).orElse(0L);
  }
}
