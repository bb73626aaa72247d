package dev.sluice.worker.provider;

import dev.sluice.worker.core.Failure;
import dev.sluice.worker.core.TokenUsage;

/// What came of one call.
public sealed interface ProviderAnswer {

  /// A whole answer.
  ///
  /// @param body what the endpoint answers without streaming, byte-exact where it was not streamed
  /// @param usage tokens to account for
  // Bodies pass as bytes; nobody compares two of these.
  @SuppressWarnings("ArrayRecordComponent")
  record Complete(byte[] body, TokenUsage usage) implements ProviderAnswer {}

  /// No whole answer, and tokens to account for all the same.
  record Broken(Failure failure, TokenUsage usage) implements ProviderAnswer {}

  /// An answer that needed no call, so nothing is owed for it.
  // Bodies pass as bytes; nobody compares two of these.
  @SuppressWarnings("ArrayRecordComponent")
  record Local(byte[] body) implements ProviderAnswer {}

  /// No call was made, and none can be.
  record NotCalled(Failure failure) implements ProviderAnswer {}
}
