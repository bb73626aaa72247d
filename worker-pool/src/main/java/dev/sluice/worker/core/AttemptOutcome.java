package dev.sluice.worker.core;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Optional;

/// How one attempt ended: what its one outcome record says.
public sealed interface AttemptOutcome {

  /// When the parts of the call happened.
  ///
  /// @param firstTokenAt when the first byte of the answer came
  record CallTimes(Instant startedAt, Optional<Instant> firstTokenAt, Instant finishedAt) {}

  CallTimes times();

  /// The provider answered.
  ///
  /// @param body what the endpoint would have answered, read-only
  /// @param streamed whether a delta has been published
  record Succeeded(ByteBuffer body, TokenUsage usage, boolean streamed, CallTimes times)
      implements AttemptOutcome {}

  /// A call was started and did not deliver; it may still be owed.
  record Failed(Failure failure, TokenUsage usage, boolean streamed, CallTimes times)
      implements AttemptOutcome {}

  /// The worker itself could answer: no call was started, so nothing is owed.
  record Answered(ByteBuffer body, CallTimes times) implements AttemptOutcome {}

  /// No call was started, so nothing is owed.
  record NotCalled(Failure failure, CallTimes times) implements AttemptOutcome {}
}
