package dev.sluice.worker.provider;

import dev.sluice.worker.core.RateLimits;

/// Sees an answer while it comes.
public interface AnswerSink {

  /// What the answer's headers say of the provider's limits, before anything else of it.
  default void rateLimits(RateLimits limits) {}

  /// The first byte of the answer's body is there.
  void firstByte();

  /// The data of one event of a stream, byte-exact, without the final `[DONE]`.
  void chunk(byte[] data);
}
