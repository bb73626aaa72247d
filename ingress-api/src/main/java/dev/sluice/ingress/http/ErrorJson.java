package dev.sluice.ingress.http;

import dev.sluice.contract.model.ErrorCode;
import dev.sluice.ingress.core.Refusal;
import dev.sluice.ingress.json.JsonOut;

/// The one place where an error code becomes a status and a body.
final class ErrorJson {
  private static final String TYPE_BASE = "https://sluice.dev/errors/";

  /// Anthropic's own status for a service that is too busy.
  private static final int OVERLOADED = 529;

  private ErrorJson() {}

  static int status(Surface surface, ErrorCode code) {
    boolean invalid = code == ErrorCode.SCHEMA_VIOLATION || code == ErrorCode.UNPRICED_MODEL;
    if (surface.isVendors() && invalid) {
      return 400;
    }
    return surface == Surface.ANTHROPIC && code == ErrorCode.UNAVAILABLE
        ? OVERLOADED
        : code.httpStatus();
  }

  static String contentType(Surface surface) {
    return surface.isVendors() ? "application/json" : "application/problem+json";
  }

  static byte[] body(Surface surface, Refusal refusal, String requestId) {
    return switch (surface) {
      case OPENAI -> openAi(refusal);
      case ANTHROPIC -> anthropic(anthropicType(refusal.code()), refusal.message(), requestId);
      case NATIVE -> problem(refusal, requestId);
    };
  }

  /// `{"error": …}`, also used inside a stream.
  static byte[] openAi(Refusal refusal) {
    return new JsonOut()
        .beginObject()
        .name("error")
        .beginObject()
        .field("message", refusal.message())
        .field("type", openAiType(refusal.code()))
        .textOrNull("param", refusal.param())
        .field("code", refusal.code().code())
        .endObject()
        .endObject()
        .toBytes();
  }

  /// The event that ends a broken stream of the Responses endpoint.
  ///
  /// @param number of the event
  static byte[] responsesEvent(Refusal refusal, int number) {
    return new JsonOut()
        .beginObject()
        .field("type", "error")
        .field("sequence_number", number)
        .field("code", refusal.code().code())
        .field("message", refusal.message())
        .textOrNull("param", refusal.param())
        .endObject()
        .toBytes();
  }

  /// `{"type": "error", …}`, also used inside a stream.
  static byte[] anthropic(String type, String message, String requestId) {
    return new JsonOut()
        .beginObject()
        .field("type", "error")
        .name("error")
        .beginObject()
        .field("type", type)
        .field("message", message)
        .endObject()
        .field("request_id", requestId)
        .endObject()
        .toBytes();
  }

  private static String openAiType(ErrorCode code) {
    return switch (code.kind()) {
      case CALLER ->
          switch (code) {
            case FORBIDDEN -> "permission_error";
            case DEADLINE_EXCEEDED -> "timeout_error";
            case EXCEEDS_LIMIT -> "insufficient_quota";
            case null, default -> "invalid_request_error";
          };
      case CAPACITY ->
          switch (code) {
            case RATE_LIMITED -> "rate_limit_error";
            case BUDGET_EXCEEDED -> "insufficient_quota";
            case null, default -> "server_error";
          };
      case PROVIDER -> code == ErrorCode.PROVIDER_THROTTLED ? "rate_limit_error" : "server_error";
      case INTERNAL -> "server_error";
    };
  }

  static String anthropicType(ErrorCode code) {
    return switch (code) {
      case INVALID_API_KEY -> "authentication_error";
      case FORBIDDEN -> "permission_error";
      case NOT_FOUND, MODEL_NOT_FOUND, ENDPOINT_NOT_SERVED -> "not_found_error";
      case TOO_LARGE, HEADERS_TOO_LARGE -> "request_too_large";
      case DEADLINE_EXCEEDED, PROVIDER_TIMEOUT -> "timeout_error";
      case RATE_LIMITED, BUDGET_EXCEEDED, EXCEEDS_LIMIT, PROVIDER_THROTTLED -> "rate_limit_error";
      case UNAVAILABLE -> "overloaded_error";
      default ->
          code.kind() == ErrorCode.Kind.CALLER && code != ErrorCode.CANCELLED
              ? "invalid_request_error"
              : "api_error";
    };
  }

  private static byte[] problem(Refusal refusal, String requestId) {
    ErrorCode code = refusal.code();
    JsonOut out =
        new JsonOut()
            .beginObject()
            .field("type", TYPE_BASE + code.code())
            .field("title", code.code().replace('_', ' '))
            .field("status", code.httpStatus())
            .field("detail", refusal.message())
            .field("code", code.code())
            .field("request_id", requestId);
    if (!refusal.pointer().isEmpty()) {
      out.field("pointer", refusal.pointer())
          .name("errors")
          .beginArray()
          .beginObject()
          .field("pointer", refusal.pointer())
          .field("detail", refusal.message())
          .endObject()
          .endArray();
    }
    return out.endObject().toBytes();
  }
}
