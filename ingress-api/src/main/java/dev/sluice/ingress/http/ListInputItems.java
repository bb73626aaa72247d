package dev.sluice.ingress.http;

import dev.sluice.ingress.core.Refusal;
import dev.sluice.ingress.core.RefusedException;
import dev.sluice.ingress.json.InputItems;
import dev.sluice.ingress.json.ResponseRequest;
import java.io.IOException;

/// `GET /v1/responses/{id}/input_items`: what a response was made from, in pages; with
/// `previous_response_id` also what was said before.
final class ListInputItems implements Endpoint {
  private static final int MOST = 100;
  private static final int UNSAID = 20;

  private final Responses responses;

  ListInputItems(Responses responses) {
    this.responses = responses;
  }

  @Override
  public void serve(Call call) throws IOException {
    Responses.Found found = responses.named(call);
    int limit = call.query("limit").map(text -> Jobs.whole(text, "limit", 1, MOST)).orElse(UNSAID);
    boolean newestFirst =
        switch (call.query("order").orElse("desc")) {
          case "desc" -> true;
          case "asc" -> false;
          default ->
              throw new RefusedException(Refusal.field("/order", "order must be asc or desc"));
        };
    ResponseRequest request = found.request().orElseThrow(Responses::absent);
    byte[] page =
        InputItems.of(request, found.id().text(""))
            .page(newestFirst, call.query("after"), limit)
            .orElseThrow(() ->
                new RefusedException(
                    Refusal.field("/after", "after must be the id of an item of this list")));
    call.json(200, page);
  }
}
