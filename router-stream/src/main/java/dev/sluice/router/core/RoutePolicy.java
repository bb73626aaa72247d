package dev.sluice.router.core;

import dev.sluice.contract.model.ErrorCode;
import dev.sluice.contract.model.JobId;
import dev.sluice.contract.model.Policy;
import dev.sluice.contract.model.Policy.Model;
import dev.sluice.contract.model.Policy.Route;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// Which pool and provider model a job goes to: weighted by a stable hash of its session, else of
/// its id, so that the same job always lands on the same route of one policy.
public final class RoutePolicy {

  private RoutePolicy() {}

  /// What routing says.
  public sealed interface RouteDecision {
    /// Go there.
    record Routed(Placement placement) implements RouteDecision {}

    /// Nothing can take it now; it waits.
    record Held(String reason) implements RouteDecision {}

    /// It can never run under this policy.
    record Refused(Failure failure) implements RouteDecision {}
  }

  /// Routes a job that has no placement of its own.
  ///
  /// @param usable whether a pool can take work now
  public static RouteDecision decide(Job job, Policy policy, Predicate<String> usable) {
    Optional<Model> plan = policy.model(job.model());
    if (plan.isEmpty()) {
      return new RouteDecision.Refused(
          Failure.of(
              ErrorCode.MODEL_NOT_FOUND,
              FailureCause.REFUSED,
              "no route plan names this model; GET /v1/models lists those that do"));
    }
    List<Route> open =
        plan.get().routes().stream()
            .filter(route -> route.weight() > 0 && usable.test(route.pool()))
            .toList();
    if (open.isEmpty()) {
      return new RouteDecision.Held("provider");
    }
    Route chosen = weighted(open, job.session().map(RoutePolicy::hash).orElse(hash(job.id())));
    return new RouteDecision.Routed(
        new Placement(
            chosen.pool(),
            providerModel(chosen.model(), job.model()),
            policy.version(),
            "weighted"));
  }

  /// The name sent to the provider: a route's `*` passes the caller's own name on.
  static String providerModel(String routeModel, String asked) {
    return routeModel.equals("*") ? asked : routeModel;
  }

  private static Route weighted(List<Route> routes, long hash) {
    long total = 0;
    for (Route route : routes) {
      total += route.weight();
    }
    long point = Long.remainderUnsigned(hash, total);
    for (Route route : routes) {
      point -= route.weight();
      if (point < 0) {
        return route;
      }
    }
    return routes.getLast();
  }

  private static long hash(JobId id) {
    return mix(id.high() * 31 + id.low());
  }

  private static long hash(String session) {
    long hash = 1125899906842597L;
    for (int i = 0; i < session.length(); i++) {
      hash = 31 * hash + session.charAt(i);
    }
    return mix(hash);
  }

  /// Spreads neighbouring values: the finaliser of SplitMix64.
  private static long mix(long value) {
    long z = (value ^ (value >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
