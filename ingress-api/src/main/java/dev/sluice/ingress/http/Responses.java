package dev.sluice.ingress.http;

import dev.sluice.contract.avro.JobResult;
import dev.sluice.contract.avro.JobStatus;
import dev.sluice.contract.model.ErrorCode;
import dev.sluice.contract.model.JobId;
import dev.sluice.ingress.core.JobFacts;
import dev.sluice.ingress.core.Refusal;
import dev.sluice.ingress.core.RefusedException;
import dev.sluice.ingress.json.Endpoints;
import dev.sluice.ingress.json.JsonMembers;
import dev.sluice.ingress.json.ResponseJson;
import dev.sluice.ingress.json.ResponseRequest;
import dev.sluice.ingress.log.JobLog;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Jobs of the Responses endpoint, as that endpoint shows them. All of it comes from the log, so
/// every ingress shows the same. Another tenant's response, an erased one, one that was not to be
/// stored and one that never was all look the same.
final class Responses {
  private static final String PREFIX = "resp_";

  private final JobLog log;

  Responses(JobLog log) {
    this.log = log;
  }

  /// @param request empty when the log no longer has it, or not yet
  record Found(JobFacts facts, Optional<ResponseRequest> request) {
    JobId id() {
      return facts.id();
    }

    /// Whether it runs without a caller. Where the request cannot be read any more it may have.
    boolean background() {
      return request.map(ResponseRequest::background).orElse(true);
    }

    ResponseJson json() {
      return new ResponseJson(
          facts.id().text(PREFIX),
          facts.id().createdAt(),
          facts.origin().model(),
          facts.origin().tags(),
          request);
    }

    /// The response before it runs, for the first events of its stream; empty where it was not to
    /// run in the background. The answer says so too, and is kept for longer than the request.
    byte[] queued(Optional<JobResult> result) {
      boolean told =
          request
              .map(ResponseRequest::background)
              .orElseGet(() ->
                  result
                      .map(JobResult::getResult)
                      .map(answer -> JsonMembers.of(bytes(answer)).flag("background", false))
                      .orElse(false));
      return told ? json().standing("queued") : new byte[0];
    }
  }

  static JobId idIn(Call call) {
    return JobId.parse(call.variable()).orElseThrow(Responses::absent);
  }

  Found named(Call call) {
    JobId id = idIn(call);
    call.identify(id.text());
    return of(call.principal().tenant(), id).orElseThrow(Responses::absent);
  }

  Optional<Found> of(String tenant, JobId id) {
    Optional<JobFacts> known =
        log.find(id).filter(facts -> !facts.erased() && facts.tenant().equals(tenant));
    if (known.isEmpty()) {
      return Optional.empty();
    }
    JobFacts facts = known.get();
    String endpoint = facts.origin().endpoint();
    if (!endpoint.isEmpty() && !endpoint.equals(Endpoints.RESPONSES)) {
      return Optional.empty();
    }
    Optional<ResponseRequest> request =
        log.request(facts)
            .filter(submission -> submission.getEndpoint().equals(Endpoints.RESPONSES))
            .map(submission -> ResponseRequest.of(bytes(submission.getBody())));
    boolean shown = request.map(ResponseRequest::stored).orElse(!endpoint.isEmpty());
    return shown ? Optional.of(new Found(facts, request)) : Optional.empty();
  }

  /// The response as it is now.
  byte[] now(Found found) {
    JobResult result = found.facts().finished() ? log.result(found.facts()).orElse(null) : null;
    return shown(found, result);
  }

  /// @param result the terminal record; null before the end, or when the log no longer has it
  byte[] shown(Found found, @Nullable JobResult result) {
    ResponseJson json = found.json();
    if (result == null) {
      return unfinished(found.facts(), json);
    }
    return switch (result.getStatus()) {
      case SUCCEEDED -> answer(found, result).orElseGet(() -> json.failed(lost()));
      case CANCELLED -> json.standing("cancelled");
      case FAILED, EXPIRED -> json.failed(failure(Failures.refusalOf(result)));
      case QUEUED, HELD, RUNNING, UNKNOWN -> json.standing("in_progress");
    };
  }

  private static byte[] unfinished(JobFacts facts, ResponseJson json) {
    return switch (facts.status()) {
      case QUEUED, HELD -> json.standing("queued");
      case RUNNING -> json.standing("in_progress");
      case CANCELLED -> json.standing("cancelled");
      case SUCCEEDED, FAILED, EXPIRED -> json.failed(lost());
    };
  }

  /// The body the job answered with; empty when the log no longer has it.
  ///
  /// @throws RefusedException when it was not to be stored, and only the answer still says so
  private static Optional<byte[]> answer(Found found, JobResult result) {
    ByteBuffer body = result.getResult();
    if (body == null) {
      return Optional.empty();
    }
    byte[] answer = bytes(body);
    if (found.request().isEmpty() && !JsonMembers.of(answer).flag("store", true)) {
      throw absent();
    }
    return Optional.of(answer);
  }

  /// The answer that a later request can continue.
  Optional<JsonMembers> continuable(Found found) {
    if (!found.facts().finished()) {
      return Optional.empty();
    }
    return log.result(found.facts())
        .filter(result -> result.getStatus() == JobStatus.SUCCEEDED)
        .flatMap(result -> answer(found, result))
        .map(JsonMembers::of)
        .filter(answer -> answer.isArray("output"));
  }

  private static ResponseJson.Failure failure(Refusal refusal) {
    String code =
        switch (refusal.code()) {
          case RATE_LIMITED, PROVIDER_THROTTLED -> "rate_limit_exceeded";
          case PROVIDER_REFUSED, CONTEXT_LENGTH_EXCEEDED -> "invalid_prompt";
          default -> "server_error";
        };
    return new ResponseJson.Failure(code, refusal.code().code(), refusal.message());
  }

  private static ResponseJson.Failure lost() {
    return new ResponseJson.Failure(
        "server_error", ErrorCode.NOT_FOUND.code(), "the answer is no longer kept");
  }

  static RefusedException absent() {
    return new RefusedException(Refusal.of(ErrorCode.NOT_FOUND, "there is no such response"));
  }

  static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }
}
