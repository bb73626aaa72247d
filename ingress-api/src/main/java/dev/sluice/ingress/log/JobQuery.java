package dev.sluice.ingress.log;

import dev.sluice.contract.model.JobId;
import dev.sluice.ingress.core.JobFacts;
import dev.sluice.ingress.core.Status;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/// Which of a tenant's jobs to list.
///
/// @param tags each must be on the job with this value
/// @param group only those of this agent run
/// @param after only jobs older than this one
/// @param limit 1..100
/// @param shown the status that a job is shown with
/// @param copies whether shadow copies are listed too
public record JobQuery(
    String tenant,
    Optional<Status> status,
    Map<String, String> tags,
    Optional<String> group,
    Optional<JobId> after,
    int limit,
    Function<JobFacts, Status> shown,
    boolean copies) {

  public JobQuery {
    tags = Map.copyOf(tags);
  }

  public boolean matches(JobFacts facts) {
    return !facts.erased()
        && (copies || facts.copies().of().isEmpty())
        && facts.tenant().equals(tenant)
        && status.map(wanted -> wanted == shown.apply(facts)).orElse(true)
        && group.map(facts.origin().whose().group()::equals).orElse(true)
        && facts.origin().tags().entrySet().containsAll(tags.entrySet());
  }
}
