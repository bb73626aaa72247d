package dev.sluice.ingress.http;

import dev.sluice.contract.avro.JobResult;
import dev.sluice.contract.avro.RejectedRoute;
import dev.sluice.ingress.core.JobFacts;
import dev.sluice.ingress.core.RouteChoice;
import dev.sluice.ingress.json.JsonOut;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The member `route` of a job: where it goes, or why nowhere, and why not elsewhere. Null until
/// something is known.
final class RouteJson {
  private RouteJson() {}

  static void write(JsonOut out, JobFacts.Progress progress, @Nullable JobResult result) {
    out.name("route");
    if (result == null) {
      write(out, progress.pool(), progress.providerModel(), progress.choice());
    } else {
      write(out, result.getPool(), result.getProviderModel(), choice(result));
    }
  }

  private static RouteChoice choice(JobResult result) {
    var told = result.getRouteChoice();
    String policy = told == null ? null : told.getPolicy();
    String variant = told == null ? null : told.getVariant();
    String reason = result.getRouteReason();
    List<RejectedRoute> rejected = told == null ? List.of() : told.getRejected();
    return new RouteChoice(
        policy == null ? "" : policy,
        result.getPolicyVersion(),
        reason == null ? "" : reason,
        variant == null ? "" : variant,
        rejected.stream()
            .map(one ->
                new RouteChoice.Rejected(one.getPool(), one.getProviderModel(), one.getWhy()))
            .toList());
  }

  private static void write(
      JsonOut out, @Nullable String pool, @Nullable String model, RouteChoice choice) {
    boolean nowhere = pool == null || pool.isEmpty();
    if (nowhere && choice.rejected().isEmpty()) {
      out.nothing();
      return;
    }
    out.beginObject()
        .textOrNull("pool", nowhere ? null : pool)
        .textOrNull("model", nowhere ? null : model)
        .textOrNull("policy", choice.policy())
        .name("policy_version");
    if (choice.version() == 0) {
      out.nothing();
    } else {
      out.number(choice.version());
    }
    out.textOrNull("reason", choice.reason())
        .textOrNull("variant", choice.variant())
        .name("rejected")
        .beginArray();
    for (RouteChoice.Rejected one : choice.rejected()) {
      out.beginObject()
          .field("pool", one.pool())
          .textOrNull("model", one.model())
          .field("why", one.why())
          .endObject();
    }
    out.endArray().endObject();
  }
}
