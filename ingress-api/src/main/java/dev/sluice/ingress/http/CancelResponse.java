package dev.sluice.ingress.http;

import dev.sluice.contract.model.ErrorCode;
import dev.sluice.ingress.core.Refusal;
import dev.sluice.ingress.core.RefusedException;
import java.io.IOException;

/// `POST /v1/responses/{id}/cancel`, of background responses; a finished one stays as it is.
final class CancelResponse implements Endpoint {
  private final Responses responses;
  private final CancelJob cancel;

  CancelResponse(Responses responses, CancelJob cancel) {
    this.responses = responses;
    this.cancel = cancel;
  }

  @Override
  public void serve(Call call) throws IOException {
    Responses.Found found = responses.named(call);
    if (!found.background()) {
      throw new RefusedException(
          Refusal.of(
              ErrorCode.NOT_CANCELLABLE,
              "only a response created with background can be cancelled"));
    }
    cancel.end(found.id(), found.facts().tenant());
    call.json(200, responses.now(responses.named(call)));
  }
}
