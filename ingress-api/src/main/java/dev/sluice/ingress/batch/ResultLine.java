package dev.sluice.ingress.batch;

import dev.sluice.contract.avro.AttemptError;
import dev.sluice.contract.avro.JobResult;
import dev.sluice.contract.avro.JobStatus;
import dev.sluice.contract.model.ErrorCode;
import dev.sluice.contract.model.JobId;
import dev.sluice.ingress.core.batch.BatchStep;
import dev.sluice.ingress.json.JsonOut;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// A line of an output: what became of one line of the input, in the words of the batch's surface.
/// Bodies stay as they came, but on one line.
record ResultLine(boolean anthropic, JobId id, String customId) {
  private static final int OK = 200;

  /// Whether a job's end is an answer, and not an error.
  static boolean answered(JobResult result) {
    return result.getStatus() == JobStatus.SUCCEEDED && result.getResult() != null;
  }

  byte[] of(JobResult result) {
    if (answered(result)) {
      return answer(result.getResult());
    }
    return switch (result.getStatus()) {
      case CANCELLED -> ended(BatchStep.Ending.CANCELLED);
      case EXPIRED -> ended(BatchStep.Ending.EXPIRED);
      case SUCCEEDED, FAILED, QUEUED, HELD, RUNNING, UNKNOWN -> failed(result.getError());
    };
  }

  /// A line that ended without a call of its own to tell of.
  byte[] ended(BatchStep.Ending why) {
    if (anthropic) {
      String type = why == BatchStep.Ending.CANCELLED ? "canceled" : "expired";
      return begin()
          .name("result")
          .beginObject()
          .field("type", type)
          .endObject()
          .endObject()
          .toBytes();
    }
    String code = why == BatchStep.Ending.CANCELLED ? "batch_cancelled" : "batch_expired";
    String message =
        why == BatchStep.Ending.CANCELLED
            ? "This request was not done before the batch was cancelled."
            : "This request could not be executed before the completion window expired.";
    return begin()
        .nullField("response")
        .name("error")
        .beginObject()
        .field("code", code)
        .field("message", message)
        .endObject()
        .endObject()
        .toBytes();
  }

  private byte[] answer(ByteBuffer body) {
    byte[] line = oneLine(body);
    if (anthropic) {
      return begin()
          .name("result")
          .beginObject()
          .field("type", "succeeded")
          .name("message")
          .raw(line)
          .endObject()
          .endObject()
          .toBytes();
    }
    return response(OK, line);
  }

  private byte[] failed(@Nullable AttemptError error) {
    ErrorCode code = error == null ? ErrorCode.INTERNAL_ERROR : ErrorCode.of(error.getCode());
    String said = error == null ? "" : error.getMessage();
    String message = said.isEmpty() ? "the job failed: " + code.code() : said;
    if (anthropic) {
      return begin()
          .name("result")
          .beginObject()
          .field("type", "errored")
          .name("error")
          .beginObject()
          .field("type", "error")
          .name("error")
          .beginObject()
          .field("type", anthropicType(code))
          .field("message", message)
          .endObject()
          .endObject()
          .endObject()
          .endObject()
          .toBytes();
    }
    JsonOut body = new JsonOut();
    body.beginObject().name("error").beginObject().field("message", message);
    body.field(
            "type", code.kind() == ErrorCode.Kind.CALLER ? "invalid_request_error" : "server_error")
        .nullField("param")
        .field("code", code.code())
        .endObject()
        .endObject();
    return response(code.httpStatus(), body.toBytes());
  }

  private byte[] response(int status, byte[] body) {
    return begin()
        .name("response")
        .beginObject()
        .field("status_code", status)
        .field("request_id", id.text())
        .name("body")
        .raw(body)
        .endObject()
        .nullField("error")
        .endObject()
        .toBytes();
  }

  private JsonOut begin() {
    JsonOut out = new JsonOut(1_024).beginObject();
    return anthropic
        ? out.field("custom_id", customId)
        : out.field("id", id.text("batch_req_")).field("custom_id", customId);
  }

  /// In JSON a line's end can only stand between two tokens.
  private static byte[] oneLine(ByteBuffer body) {
    byte[] bytes = new byte[body.remaining()];
    body.duplicate().get(bytes);
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == '\n' || bytes[i] == '\r') {
        bytes[i] = ' ';
      }
    }
    return bytes;
  }

  private static String anthropicType(ErrorCode code) {
    return switch (code.httpStatus()) {
      case 400, 422 -> "invalid_request_error";
      case 401 -> "authentication_error";
      case 403 -> "permission_error";
      case 404 -> "not_found_error";
      case 413 -> "request_too_large";
      case 429 -> "rate_limit_error";
      case 503 -> "overloaded_error";
      case 504 -> "timeout_error";
      default -> "api_error";
    };
  }
}
