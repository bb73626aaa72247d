package dev.sluice.ingress.http;

import dev.sluice.contract.avro.AttemptError;
import dev.sluice.contract.avro.FailureCause;
import dev.sluice.contract.avro.JobResult;
import dev.sluice.contract.avro.JobStatus;
import dev.sluice.contract.model.ErrorCode;
import dev.sluice.ingress.core.Refusal;
import dev.sluice.ingress.json.ProvidersWords;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

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
    return new Refusal(code, message, fieldOf(error), wait);
  }

  /// A request that was refused before any call names the field that could not be translated.
  private static String fieldOf(@Nullable AttemptError error) {
    return error != null
            && error.getCause() == FailureCause.REFUSED
            && error.getProviderStatus() == 0
        ? Refusal.pointerIn(error.getMessage())
        : "";
  }

  /// Answers with the failure; a provider's refusal of the request itself comes as the provider
  /// said it, in the words of the caller's dialect.
  static void answer(Call call, JobResult result) throws IOException {
    Refusal refusal = refusalOf(result);
    AttemptError error = result.getError();
    Optional<ProvidersWords> said = providersWords(error, refusal.code());
    if (said.isEmpty() || error == null) {
      call.refuse(refusal);
      return;
    }
    ProvidersWords words = said.get();
    switch (call.surface()) {
      case OPENAI -> {
        byte[] body = words.anthropic() ? refused(call, refusal, words) : words.body();
        call.with(Call.SHOULD_RETRY, "false").json(error.getProviderStatus(), body);
      }
      case ANTHROPIC -> {
        byte[] body =
            words.anthropic()
                ? ErrorJson.anthropic(words.type(), words.message(), call.requestId())
                : refused(call, refusal, words);
        call.with(Call.SHOULD_RETRY, "false").json(error.getProviderStatus(), body);
      }
      case NATIVE -> call.refuse(refusal);
    }
  }

  private static byte[] refused(Call call, Refusal refusal, ProvidersWords words) {
    String message = words.message().isEmpty() ? refusal.message() : words.message();
    return ErrorJson.body(call.surface(), Refusal.of(refusal.code(), message), call.requestId());
  }

  private static ErrorCode codeOf(JobStatus status, @Nullable AttemptError error) {
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

  private static Optional<ProvidersWords> providersWords(
      @Nullable AttemptError error, ErrorCode code) {
    boolean refused =
        code == ErrorCode.PROVIDER_REFUSED || code == ErrorCode.CONTEXT_LENGTH_EXCEEDED;
    if (!refused || error == null || error.getBody() == null) {
      return Optional.empty();
    }
    int status = error.getProviderStatus();
    // 401 and 403 are about the operator's key, not the caller's.
    boolean callers = status >= 400 && status < 500 && status != 401 && status != 403;
    if (!callers) {
      return Optional.empty();
    }
    ByteBuffer body = error.getBody();
    byte[] bytes = new byte[body.remaining()];
    body.duplicate().get(bytes);
    return ProvidersWords.of(bytes);
  }
}
