package dev.sluice.ingress.http;

import dev.sluice.contract.avro.JobResult;
import dev.sluice.ingress.core.JobFacts;
import dev.sluice.ingress.core.Preference;
import dev.sluice.ingress.core.Submitted;
import dev.sluice.ingress.json.JobForm;
import java.io.IOException;
import java.util.Optional;

/// `POST /v1/jobs`: 202 and the job once its writer has it, or 200 and the finished job if the
/// caller would wait and it came in time.
final class SubmitJob implements Endpoint {
  private final Surroundings around;
  private final Submitter submitter;
  private final Conversations conversations;
  private final Admission admission;
  private final JobJson json;

  SubmitJob(
      Surroundings around,
      Submitter submitter,
      Conversations conversations,
      Admission admission,
      JobJson json) {
    this.around = around;
    this.submitter = submitter;
    this.conversations = conversations;
    this.admission = admission;
    this.json = json;
  }

  @Override
  public void serve(Call call) throws IOException {
    Submitted read = JobForm.read(call.body(), around.clock().instant());
    Submitted continued = conversations.continued(call.principal().tenant(), read);
    Submitted asked =
        continued
            .callback()
            .map(wish -> around.callbacks().checked(call.principal().tenant(), wish))
            .map(continued::toldTo)
            .orElse(continued);
    Preference preference = call.preference();
    try (Submitter.Job job = submitter.submit(call, asked, false)) {
      Optional<JobResult> result = admission.await(job, preference.patience());
      if (preference.asked()) {
        call.with(Admission.PREFERENCE_APPLIED, preference.applied());
      }
      Optional<JobFacts> facts =
          result.isPresent() && preference.patience().isPositive()
              ? around.log().find(job.id()).filter(JobFacts::finished)
              : Optional.empty();
      if (facts.isPresent()) {
        call.identify(facts.get().id().text());
        call.json(200, json.of(facts.get(), result.orElseThrow()));
      } else {
        admission.accepted(call, job);
      }
    }
  }
}
