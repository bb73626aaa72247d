package dev.sluice.ingress.http;

import dev.sluice.contract.model.JobId;
import dev.sluice.ingress.core.JobFacts;
import dev.sluice.ingress.core.Refusal;
import dev.sluice.ingress.core.RefusedException;
import dev.sluice.ingress.core.Status;
import dev.sluice.ingress.json.JsonOut;
import dev.sluice.ingress.log.JobLog;
import dev.sluice.ingress.log.JobQuery;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// `GET /v1/jobs`: the tenant's jobs, newest first.
final class ListJobs implements Endpoint {
  private static final int DEFAULT_LIMIT = 20;
  private static final int MAX_LIMIT = 100;

  private final JobLog log;
  private final JobJson json;
  private final Outlook outlook;

  ListJobs(JobLog log, JobJson json, Outlook outlook) {
    this.log = log;
    this.json = json;
    this.outlook = outlook;
  }

  @Override
  public void serve(Call call) throws IOException {
    JobQuery query = query(call);
    // One more than asked for says whether there are more.
    List<JobFacts> found =
        log.list(
            new JobQuery(
                query.tenant(),
                query.status(),
                query.tags(),
                query.group(),
                query.after(),
                query.limit() + 1,
                outlook::status,
                query.copies()));
    boolean more = found.size() > query.limit();
    List<JobFacts> page = more ? found.subList(0, query.limit()) : found;
    JsonOut out = new JsonOut(1_024);
    out.beginObject().field("object", "list").name("data").beginArray();
    page.forEach(facts -> json.brief(out, facts));
    out.endArray()
        .textOrNull("first_id", page.isEmpty() ? "" : page.getFirst().id().text())
        .textOrNull("last_id", page.isEmpty() ? "" : page.getLast().id().text())
        .field("has_more", more)
        .endObject();
    call.json(200, out.toBytes());
  }

  private JobQuery query(Call call) {
    Optional<Status> status =
        call.query("status")
            .map(text ->
                Status.of(text)
                    .orElseThrow(() ->
                        new RefusedException(
                            Refusal.field(
                                "/status",
                                "status is one of queued, held, running, succeeded, failed,"
                                    + " cancelled, expired"))));
    Optional<JobId> after =
        call.query("after").map(text -> JobId.parse(text).orElseThrow(Jobs::absent));
    int limit =
        call.query("limit")
            .map(text -> Jobs.whole(text, "limit", 1, MAX_LIMIT))
            .orElse(DEFAULT_LIMIT);
    boolean copies = call.query("shadows").map(ListJobs::yes).orElse(false);
    return new JobQuery(
        call.principal().tenant(),
        status,
        call.queryTags(),
        call.query("group"),
        after,
        limit,
        outlook::status,
        copies);
  }

  private static boolean yes(String text) {
    if (!text.equals("true") && !text.equals("false")) {
      throw new RefusedException(Refusal.field("/shadows", "shadows is true or false"));
    }
    return text.equals("true");
  }
}
