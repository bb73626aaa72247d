package dev.sluice.ingress.http;

import dev.sluice.contract.avro.AttemptError;
import dev.sluice.contract.avro.JobResult;
import dev.sluice.contract.avro.JobStatus;
import dev.sluice.contract.model.ErrorCode;
import dev.sluice.ingress.core.Refusal;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;

/// What a caller who waited is told of a job that did not succeed.
final class Failures {

  private Failures() {}

  static Refusal refusalOf(JobResult result) {
    AttemptError error = result.getError();
    ErrorCode code = codeOf(result.getStatus(), error);
    String message =
        error == null || error.getMessage().isEmpty() ? said(code) : error.getMessage();
    Long retryAfter = error == null ? null : error.getRetryAfterMs();
    Duration wait =
        retryAfter != null
            ? Duration.ofMillis(retryAfter)
            : code.kind() == ErrorCode.Kind.CAPACITY ? Duration.ofSeconds(2) : Duration.ZERO;
    return new Refusal(code, message, "", wait);
  }

  /// Answers with the failure; a provider's refusal of the request itself comes as the provider
  /// said it.
  static void answer(Call call, JobResult result) throws IOException {
    Refusal refusal = refusalOf(result);
    Optional<byte[]> said = providersWords(result.getError(), refusal.code());
    if (said.isPresent() && call.surface() == Surface.OPENAI && result.getError() != null) {
      call.with(Call.SHOULD_RETRY, "false").json(result.getError().getProviderStatus(), said.get());
    } else {
      call.refuse(refusal);
    }
  }

  private static ErrorCode codeOf(
      JobStatus status, @org.jspecify.annotations.Nullable AttemptError error) {
    return switch (status) {
      case CANCELLED -> ErrorCode.CANCELLED;
      case EXPIRED -> ErrorCode.DEADLINE_EXCEEDED;
      case null, default ->
          error == null ? ErrorCode.INTERNAL_ERROR : ErrorCode.of(error.getCode());
    };
  }

  private static String said(ErrorCode code) {
    return switch (code) {
      case CANCELLED -> "the job was cancelled";
      case DEADLINE_EXCEEDED -> "the job's deadline passed before it was done";
      case null, default -> "the job failed: " + (code == null ? "" : code.code());
    };
  }

  private static Optional<byte[]> providersWords(
      @org.jspecify.annotations.Nullable AttemptError error, ErrorCode code) {
    boolean refused =
        code == ErrorCode.PROVIDER_REFUSED || code == ErrorCode.CONTEXT_LENGTH_EXCEEDED;
    if (!refused || error == null || error.getBody() == null) {
      return Optional.empty();
    }
    int status = error.getProviderStatus();
    ByteBuffer body = error.getBody();
    // 401 and 403 are about the operator's key, not the caller's.
    boolean callers = status >= 400 && status < 500 && status != 401 && status != 403;
    if (!callers || !body.hasRemaining() || body.get(body.position()) != '{') {
      return Optional.empty();
    }
    byte[] bytes = new byte[body.remaining()];
    body.duplicate().get(bytes);
    return Optional.of(bytes);
  }
}
