package dev.sluice.metering.core;

import java.util.Map;

/// What the ledger says of one call to a provider.
///
/// @param entryId identity of the call; a repeat has the same
/// @param jobId identity of the charge
/// @param called whether a provider was called; else an answer that was kept is charged
/// @param delivered whether its answer is the job's result, and so is charged
/// @param owed what the call costs the operator
/// @param charged what the tenant pays for the answer; means nothing unless delivered
/// @param tokens used by the call, by kind
/// @param gpuMicros its GPU time, GPU-microseconds
public record SettledCall(
    String entryId,
    String jobId,
    boolean called,
    boolean delivered,
    Amount owed,
    Amount charged,
    Map<String, Long> tokens,
    long gpuMicros) {
  public SettledCall {
    tokens = Map.copyOf(tokens);
  }

  /// A call to a provider.
  public SettledCall(
      String entryId,
      String jobId,
      boolean delivered,
      Amount owed,
      Amount charged,
      Map<String, Long> tokens) {
    this(entryId, jobId, true, delivered, owed, charged, tokens, 0);
  }
}
