package dev.sluice.ingress.log;

import dev.sluice.contract.model.JobId;
import dev.sluice.ingress.core.JobFacts;
import dev.sluice.ingress.core.Status;
import java.util.Map;
import java.util.Optional;

/// Which of a tenant's jobs to list.
///
/// @param tags each must be on the job with this value
/// @param after only jobs older than this one
/// @param limit 1..100
public record JobQuery(
    String tenant,
    Optional<Status> status,
    Map<String, String> tags,
    Optional<JobId> after,
    int limit) {

  public JobQuery {
    tags = Map.copyOf(tags);
  }

  public boolean matches(JobFacts facts) {
    return !facts.erased()
        && facts.tenant().equals(tenant)
        && status.map(wanted -> wanted == facts.status()).orElse(true)
        && facts.origin().tags().entrySet().containsAll(tags.entrySet());
  }
}
