package dev.sluice.ingress.http;

import dev.sluice.contract.avro.JobResult;
import dev.sluice.ingress.core.JobFacts;
import dev.sluice.ingress.core.Submitted;
import dev.sluice.ingress.json.BodyForm;
import dev.sluice.ingress.json.Endpoints;
import dev.sluice.ingress.json.ResponseRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/// `POST /v1/responses`: like every endpoint whose request is a job; with `background` the answer
/// is the response as it stands once its writer has it, or its stream, and the job does not depend
/// on who listens.
final class CreateResponse implements Endpoint {
  private final Submitter submitter;
  private final Admission admission;
  private final Responses responses;
  private final Conversations conversations;
  private final ResponseReplay replay;
  private final CompletionEndpoint attached;

  CreateResponse(
      Submitter submitter,
      Admission admission,
      Responses responses,
      Conversations conversations,
      ResponseReplay replay,
      CompletionEndpoint attached) {
    this.submitter = submitter;
    this.admission = admission;
    this.responses = responses;
    this.conversations = conversations;
    this.replay = replay;
    this.attached = attached;
  }

  @Override
  public void serve(Call call) throws IOException {
    Submitted read = BodyForm.read(Endpoints.RESPONSES, call.body());
    Submitted asked = conversations.continued(call.principal().tenant(), read);
    ResponseRequest request = ResponseRequest.of(asked.body());
    if (call.preference().asked() || !request.background()) {
      attached.serve(call, asked);
      return;
    }
    try (Submitter.Job job = submitter.submit(call, asked, false)) {
      Optional<JobResult> result = admission.await(job, Duration.ZERO);
      JobFacts facts = admission.factsOf(job);
      Responses.Found found = new Responses.Found(facts, Optional.of(request));
      if (asked.stream()) {
        replay.serve(call, job.watch(), found, ResponsesForm.FROM_THE_START);
      } else {
        call.json(200, responses.shown(found, result.orElse(null)));
      }
    }
  }
}
