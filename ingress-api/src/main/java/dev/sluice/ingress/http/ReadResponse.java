package dev.sluice.ingress.http;

import dev.sluice.contract.model.JobId;
import dev.sluice.ingress.log.JobLog;
import dev.sluice.ingress.log.JobWatch;
import java.io.IOException;

/// `GET /v1/responses/{id}`: the response as it stands, or its events (`?stream=true`), from the
/// start or after one of them (`&starting_after=`).
final class ReadResponse implements Endpoint {
  private final JobLog log;
  private final Responses responses;
  private final ResponseReplay replay;

  ReadResponse(JobLog log, Responses responses, ResponseReplay replay) {
    this.log = log;
    this.responses = responses;
    this.replay = replay;
  }

  @Override
  public void serve(Call call) throws IOException {
    if (!call.query("stream").orElse("").equals("true")) {
      call.json(200, responses.now(responses.named(call)));
      return;
    }
    int after =
        call.query("starting_after")
            .map(text -> Jobs.whole(text, "starting_after", 0, Integer.MAX_VALUE - 1))
            .orElse(ResponsesForm.FROM_THE_START);
    JobId id = Responses.idIn(call);
    try (JobWatch watch = log.watch(id)) {
      replay.serve(call, watch, responses.named(call), after);
    }
  }
}
