package dev.sluice.router.core;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/// By what a repeat of a submission is told from another job.
///
/// @param named whether the caller named the submission by an idempotency key; else the request
///   itself is the key, and only what an SDK sent again by itself is a repeat
/// @param key of the tenant and that name or request: one job a key
/// @param fingerprint of the request
/// @param since when the broker took the submission
public record RepeatKey(boolean named, Digest key, Digest fingerprint, Instant since) {

  /// @param name the caller's idempotency key
  /// @param fingerprint of the request, 16 bytes or more
  public static RepeatKey named(String tenant, String name, ByteBuffer fingerprint, Instant since) {
    return new RepeatKey(
        true,
        Digest.of("name", tenant, name.getBytes(StandardCharsets.UTF_8)),
        Digest.of(fingerprint),
        since);
  }

  /// @param fingerprint of the request, 16 bytes or more
  public static RepeatKey unnamed(String tenant, ByteBuffer fingerprint, Instant since) {
    byte[] request = new byte[fingerprint.remaining()];
    fingerprint.duplicate().get(request);
    return new RepeatKey(
        false, Digest.of("request", tenant, request), Digest.of(fingerprint), since);
  }
}
