package dev.sluice.router.core;

import dev.sluice.contract.model.Policy;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;

/// What a model stands for under a policy, as a digest: two that are equal send the same request to
/// the same providers under the same names. Who may ask, what it costs and how many calls run at
/// once are not part of it.
final class PlanDigest {

  private PlanDigest() {}

  /// @param job with what its plan asks of its submission: jobs that conditions could tell apart
  ///   have other digests
  static Digest of(Job job, Policy policy) {
    StringBuilder said = new StringBuilder();
    say(said, job.model());
    say(said, policy.tenant(job.tenant()).flatMap(Policy.Tenant::residency));
    job.facts()
        .ifPresent(facts -> say(said, new TreeMap<>(facts.tags()), new TreeMap<>(facts.headers())));
    policy
        .model(job.model())
        .ifPresent(plan -> {
          say(said, plan.maxOutputTokens(), plan.routing(), plan.assignBy());
          for (Policy.Route route : plan.routes()) {
            say(said, "route", route.pool(), route.model(), route.weight());
            say(said, route.when(), route.variant());
            pool(said, policy, route.pool());
          }
          for (Policy.Fallback fallback : plan.fallback()) {
            say(said, "fallback", fallback.pool(), fallback.model(), fallback.condition());
            say(said, new TreeSet<>(fallback.when()));
            pool(said, policy, fallback.pool());
          }
        });
    return Digest.of(said.toString().getBytes(StandardCharsets.UTF_8));
  }

  private static void pool(StringBuilder said, Policy policy, String id) {
    policy
        .pool(id)
        .ifPresent(pool -> {
          say(said, pool.provider(), pool.region(), pool.simulation());
          say(said, new TreeSet<>(pool.speaks()));
          pool.endpoints().forEach(endpoint -> say(said, endpoint.url()));
        });
  }

  /// Each with its length, so that parts cut elsewhere are other parts.
  private static void say(StringBuilder said, Object... parts) {
    for (Object part : parts) {
      String text = Objects.toString(part);
      said.append(text.length()).append(':').append(text);
    }
  }
}
