package dev.sluice.worker.provider;

import dev.sluice.worker.core.Failure;
import dev.sluice.worker.core.TokenUsage;

/// What came of one call.
public sealed interface ProviderAnswer {

  /// Tokens to account for, also of a call that failed.
  TokenUsage usage();

  /// A whole answer.
  ///
  /// @param body what the endpoint answers without streaming, byte-exact where it was not streamed
  // Bodies pass as bytes; nobody compares two of these.
  @SuppressWarnings("ArrayRecordComponent")
  record Complete(byte[] body, TokenUsage usage) implements ProviderAnswer {}

  /// No whole answer.
  record Broken(Failure failure, TokenUsage usage) implements ProviderAnswer {}
}
