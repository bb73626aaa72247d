package dev.sluice.router.core.limits;

import java.time.Instant;

/// What a delivered answer used of its tenant's limits.
///
/// @param sequence place among all that the task counted, from 1; 0 while no limit counts it
/// @param inputTokens of every kind, tokens
/// @param outputTokens of every kind, tokens
/// @param picoUsd what it is charged, pico-USD; 0 when it has no price
/// @param at when the call ended, as its charge says
/// @param gpuMicros GPU time of the call, GPU-microseconds
public record Spent(
    long sequence, long inputTokens, long outputTokens, long picoUsd, Instant at, long gpuMicros) {

  /// An answer that used no GPU that is counted.
  public Spent(long sequence, long inputTokens, long outputTokens, long picoUsd, Instant at) {
    this(sequence, inputTokens, outputTokens, picoUsd, at, 0);
  }

  /// The same, counted.
  public Spent counted(long place) {
    return new Spent(place, inputTokens, outputTokens, picoUsd, at, gpuMicros);
  }
}
