package dev.sluice.ingress.http;

import dev.sluice.ingress.json.JsonOut;
import java.io.IOException;

/// `DELETE /v1/responses/{id}`: afterwards the job is unreadable on every surface.
final class DeleteResponse implements Endpoint {
  private final Responses responses;
  private final EraseJob erase;

  DeleteResponse(Responses responses, EraseJob erase) {
    this.responses = responses;
    this.erase = erase;
  }

  @Override
  public void serve(Call call) throws IOException {
    Responses.Found found = responses.named(call);
    erase.erase(found.id(), found.facts().tenant());
    byte[] answer =
        new JsonOut(128)
            .beginObject()
            .field("id", found.json().id())
            .field("object", "response")
            .field("deleted", true)
            .endObject()
            .toBytes();
    call.json(200, answer);
  }
}
