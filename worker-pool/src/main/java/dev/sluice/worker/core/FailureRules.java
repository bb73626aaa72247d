package dev.sluice.worker.core;

import dev.sluice.contract.model.ErrorCode;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/// What a provider's error answer means. Whether and where to try again is the router's decision;
/// this only names the cause.
public final class FailureRules {
  private static final int SCANNED_BYTES = 4096;

  private FailureRules() {}

  /// The failure behind an HTTP status other than 2xx.
  ///
  /// @param retryAfter value of the Retry-After header, if there was one
  /// @param body start of the error body
  /// @param now for a Retry-After that is a date
  public static Failure ofStatus(
      int status, Optional<String> retryAfter, byte[] body, Instant now) {
    String text = lowerStart(body);
    Cause cause = causeOf(status, text);
    ErrorCode code =
        cause == Cause.TOO_LONG ? ErrorCode.CONTEXT_LENGTH_EXCEEDED : cause.usualCode();
    Optional<Duration> wait = retryAfter.flatMap(value -> RetryAfter.parse(value, now));
    return new Failure(cause, code, messageOf(cause, status), status, wait, kept(body));
  }

  /// The failure behind an error object inside an answer or a stream that began with 200.
  ///
  /// @param code the error's `code` or `type`, or empty
  public static Failure ofErrorObject(String code, byte[] body) {
    String word = code.toLowerCase(Locale.ROOT);
    Cause cause = Cause.DOWN;
    if (word.contains("rate_limit") || word.equals("429") || word.contains("overloaded")) {
      cause = Cause.THROTTLED;
    } else if (word.contains("context_length") || word.contains("request_too_large")) {
      cause = Cause.TOO_LONG;
    } else if (word.contains("timeout_error")) {
      cause = Cause.TIMEOUT;
    } else if (word.contains("invalid_api_key")
        || word.contains("authentication")
        || word.contains("permission")
        || word.contains("billing")) {
      cause = Cause.INVALID_KEY;
    } else if (word.contains("invalid_request") || word.contains("content_policy")) {
      cause = Cause.REFUSED;
    }
    return new Failure(
        cause,
        cause.usualCode(),
        "the provider answered with status 200 and an error",
        200,
        Optional.empty(),
        kept(body));
  }

  private static Cause causeOf(int status, String body) {
    if (status == 429) {
      return Cause.THROTTLED;
    }
    // 402: the key is good, but the operator's account behind it is not.
    if (status == 401 || status == 402 || status == 403) {
      return Cause.INVALID_KEY;
    }
    if (status == 408) {
      return Cause.TIMEOUT;
    }
    if (status == 413 || (status == 400 && saysTooLong(body))) {
      return Cause.TOO_LONG;
    }
    if (status >= 400 && status < 500) {
      return Cause.REFUSED;
    }
    if (status >= 500) {
      return Cause.DOWN;
    }
    // 1xx and 3xx: a redirect would carry prompt and key to a place that nobody configured.
    return Cause.BAD_ANSWER;
  }

  private static boolean saysTooLong(String body) {
    return body.contains("context_length_exceeded")
        || body.contains("maximum context length")
        || body.contains("context window")
        || body.contains("prompt is too long");
  }

  private static String messageOf(Cause cause, int status) {
    return switch (cause) {
      case THROTTLED -> "the provider limits the rate (status " + status + "); try again later";
      case INVALID_KEY -> "the provider rejected the pool's key (status " + status + ")";
      case TOO_LONG -> "the request is longer than the model allows (status " + status + ")";
      case REFUSED -> "the provider refused the request (status " + status + ")";
      case TIMEOUT -> "the provider gave up waiting (status " + status + ")";
      case BAD_ANSWER -> "the provider answered with status " + status + ", which is not followed";
      case DOWN, CANCELLED, EXPIRED, WORKER_LOST, INTERNAL ->
          "the provider failed with status " + status;
    };
  }

  private static String lowerStart(byte[] body) {
    int length = Math.min(body.length, SCANNED_BYTES);
    return new String(body, 0, length, StandardCharsets.UTF_8).toLowerCase(Locale.ROOT);
  }

  private static Optional<ByteBuffer> kept(byte[] body) {
    if (body.length == 0) {
      return Optional.empty();
    }
    int length = Math.min(body.length, Failure.MAX_BODY_BYTES);
    return Optional.of(ByteBuffer.wrap(body, 0, length).slice().asReadOnlyBuffer());
  }
}
