package dev.sluice.ingress.http;

import dev.sluice.contract.avro.Submission;
import dev.sluice.contract.model.ErrorCode;
import dev.sluice.ingress.core.Fingerprint;
import dev.sluice.ingress.core.IdempotencyKey;
import dev.sluice.ingress.core.Refusal;
import dev.sluice.ingress.core.RefusedException;
import dev.sluice.ingress.core.Submitted;
import java.util.Optional;

/// What a request says of being a repeat: the caller's key, the digest of path and body, and
/// whether a vendor's SDK sends it again by itself. What becomes of a repeat the tenant's single
/// writer decides.
final class RepeatMarks {
  private static final String HEADER = "Idempotency-Key";
  private static final String RETRY_COUNT = "X-Stainless-Retry-Count";

  private RepeatMarks() {}

  /// The key of a request.
  ///
  /// @throws RefusedException when the header cannot be read, or names another key than the body
  static Optional<String> key(Call call, Submitted asked) {
    Optional<String> named = header(call);
    if (named.isEmpty()) {
      return asked.idempotencyKey();
    }
    if (asked.idempotencyKey().isPresent() && !asked.idempotencyKey().equals(named)) {
      throw bad("Idempotency-Key and idempotency_key name different keys");
    }
    return named;
  }

  /// The key that the header names.
  ///
  /// @throws RefusedException when it cannot be read
  static Optional<String> header(Call call) {
    Optional<String> header = call.header(HEADER);
    Optional<String> named = header.flatMap(IdempotencyKey::parse);
    if (header.isPresent() && named.isEmpty()) {
      throw bad("Idempotency-Key must be 1 to 255 visible characters, bare or in quotes");
    }
    return named;
  }

  private static RefusedException bad(String message) {
    return new RefusedException(Refusal.of(ErrorCode.BAD_HEADER, message));
  }

  /// Only a request that has a key, or comes from an SDK that retries by itself, can be repeated as
  /// such: to remember any other would cost its writer for nothing.
  static void mark(Submission submission, Call call, Optional<String> key) {
    Optional<String> count = call.header(RETRY_COUNT);
    submission.setIdempotencyKey(key.orElse(null));
    submission.setFingerprint(
        key.isPresent() || count.isPresent() ? Fingerprint.of(call.path(), call.body()) : null);
    submission.setRetry(key.isEmpty() && isRetry(count.orElse("")));
  }

  private static boolean isRetry(String count) {
    return !count.isEmpty()
        && count.length() <= 9
        && count.chars().allMatch(c -> c >= '0' && c <= '9')
        && Integer.parseInt(count) > 0;
  }
}
