package dev.sluice.ingress.http;

import dev.sluice.contract.model.ErrorCode;
import dev.sluice.contract.model.JobId;
import dev.sluice.ingress.core.Refusal;
import dev.sluice.ingress.core.RefusedException;
import dev.sluice.ingress.core.Submitted;
import dev.sluice.ingress.json.Endpoints;
import dev.sluice.ingress.json.JsonMembers;
import dev.sluice.ingress.json.ResponseRequest;
import java.time.Duration;
import java.util.Optional;

/// Requests that continue an earlier response: what was said before is read from the log and put in
/// front of their input, so that any provider can answer them. The earlier request was expanded
/// itself, so one step back is enough. Instructions are not inherited.
final class Conversations {
  private final Responses responses;
  private final int maxBodyBytes;

  Conversations(Responses responses, int maxBodyBytes) {
    this.responses = responses;
    this.maxBodyBytes = maxBodyBytes;
  }

  /// The request as it is submitted.
  ///
  /// @throws RefusedException when what it continues cannot be continued
  Submitted continued(String tenant, Submitted asked) {
    if (!asked.endpoint().equals(Endpoints.RESPONSES)) {
      return asked;
    }
    ResponseRequest request = ResponseRequest.of(asked.body());
    if (request.previous().isEmpty()) {
      return asked;
    }
    Optional<Responses.Found> earlier =
        JobId.parse(request.previous()).flatMap(id -> responses.of(tenant, id));
    Optional<ResponseRequest> before = earlier.flatMap(Responses.Found::request);
    Optional<JsonMembers> answer = earlier.flatMap(responses::continuable);
    if (before.isEmpty() || answer.isEmpty()) {
      throw notFound();
    }
    byte[] body = request.continuing(before.get(), answer.get().elements("output"));
    if (body.length > maxBodyBytes) {
      throw new RefusedException(
          Refusal.of(
              ErrorCode.TOO_LARGE,
              "with all that was said before it the body has more than "
                  + maxBodyBytes
                  + " bytes"));
    }
    return asked.withBody(body);
  }

  private static RefusedException notFound() {
    return new RefusedException(
        new Refusal(
            ErrorCode.PREVIOUS_RESPONSE_NOT_FOUND,
            "there is no completed, stored response of this id to continue",
            "/previous_response_id",
            Duration.ZERO));
  }
}
