package dev.sluice.ingress.http;

import dev.sluice.contract.model.ErrorCode;
import dev.sluice.ingress.blob.BlobStoreException;
import dev.sluice.ingress.core.Refusal;
import java.time.Duration;

/// What a caller is told when the blob store fails.
final class StoreRefusals {
  static final Refusal MISSING =
      Refusal.of(
          ErrorCode.INTERNAL_ERROR,
          "the bytes of this file are missing in the blob store; the operator must look");

  private StoreRefusals() {}

  static Refusal of(BlobStoreException failure) {
    String message = String.valueOf(failure.getMessage());
    return switch (failure.kind()) {
      case UNREACHABLE -> Refusal.unavailable(message);
      case REFUSED ->
          new Refusal(
              ErrorCode.UNAVAILABLE, message + "; the operator must look", "", Duration.ZERO);
      case TOO_SLOW -> Refusal.of(ErrorCode.BAD_FRAMING, message);
    };
  }
}
