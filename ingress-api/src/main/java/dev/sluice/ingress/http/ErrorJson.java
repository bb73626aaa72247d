package dev.sluice.ingress.http;

import dev.sluice.contract.model.ErrorCode;
import dev.sluice.ingress.core.Refusal;
import dev.sluice.ingress.json.JsonOut;

/// The one place where an error code becomes a status and a body.
final class ErrorJson {
  private static final String TYPE_BASE = "https://sluice.dev/errors/";

  private ErrorJson() {}

  static int status(Surface surface, ErrorCode code) {
    boolean vendorField = surface == Surface.OPENAI && code == ErrorCode.SCHEMA_VIOLATION;
    return vendorField ? 400 : code.httpStatus();
  }

  static String contentType(Surface surface) {
    return surface == Surface.OPENAI ? "application/json" : "application/problem+json";
  }

  static byte[] body(Surface surface, Refusal refusal, String requestId) {
    return switch (surface) {
      case OPENAI -> openAi(refusal);
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

  private static String openAiType(ErrorCode code) {
    return switch (code.kind()) {
      case CALLER ->
          switch (code) {
            case FORBIDDEN -> "permission_error";
            case DEADLINE_EXCEEDED -> "timeout_error";
            case null, default -> "invalid_request_error";
          };
      case CAPACITY -> code == ErrorCode.RATE_LIMITED ? "rate_limit_error" : "server_error";
      case PROVIDER -> code == ErrorCode.PROVIDER_THROTTLED ? "rate_limit_error" : "server_error";
      case INTERNAL -> "server_error";
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
