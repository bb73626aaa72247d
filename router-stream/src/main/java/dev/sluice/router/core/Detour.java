package dev.sluice.router.core;

import dev.sluice.contract.model.Policy.Fallback;
import dev.sluice.contract.model.Policy.FallbackCause;
import dev.sluice.router.core.RouteChoice.Rejected;
import dev.sluice.router.core.RoutePlan.Way;
import dev.sluice.router.core.RoutePolicy.RouteDecision;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Where a job goes when the pools that it would go to cannot take it: along the fallbacks of its
/// plan, and never where the plan or its tenant's residency does not lead.
public final class Detour {

  private Detour() {}

  /// Where a waiting job goes: to where a retry, a fallback or its primary wants it as long as that
  /// stands, else by its plan.
  static RouteDecision route(Job job, RouteMoment moment) {
    Optional<Placement> next =
        job.phase() instanceof Phase.Waiting waiting ? waiting.next() : Optional.empty();
    if (job.isCopy() && next.isPresent()) {
      return ShadowRule.place(job, next.get(), moment);
    }
    return next.filter(place -> RoutePolicy.stands(job, place, moment))
        .<RouteDecision>map(RouteDecision.Routed::new)
        .orElseGet(() -> decide(job, moment));
  }

  /// Routes a job; where no route of its plan can be used now, along the plan's fallbacks for
  /// providers that are down.
  public static RouteDecision decide(Job job, RouteMoment moment) {
    RouteDecision decision = RoutePolicy.decide(job, moment);
    if (!(decision instanceof RouteDecision.Held(String _, List<Rejected> rejected))) {
      return decision;
    }
    return fallback(job, FallbackCause.DOWN, rejected, moment)
        .<RouteDecision>map(RouteDecision.Routed::new)
        .orElse(decision);
  }

  /// The first fallback for a cause whose pool can take work, that this job may use and that it has
  /// not failed on. It tells what was passed over.
  ///
  /// @param before what was passed over already
  static Optional<Placement> fallback(
      Job job, FallbackCause cause, List<Rejected> before, RouteMoment moment) {
    Optional<RoutePlan> plan = moment.plans().plan(job.model());
    if (plan.isEmpty()) {
      return Optional.empty();
    }
    List<Rejected> rejected = new ArrayList<>(before);
    List<Fallback> listed = plan.get().model().fallback();
    for (int i = 0; i < listed.size(); i++) {
      Way way = plan.get().fallback().get(i);
      if (!listed.get(i).when().contains(cause)
          || moment.plans().policy().pool(way.pool()).isEmpty()) {
        continue;
      }
      Optional<String> why =
          failedOn(job, way) ? Optional.of("tried before") : RoutePolicy.barred(job, way, moment);
      if (why.isEmpty()) {
        return Optional.of(placement(job, way, rejected, moment));
      }
      rejected.add(RoutePolicy.rejected(job, way, why.get()));
    }
    return Optional.empty();
  }

  private static Placement placement(
      Job job, Way way, List<Rejected> rejected, RouteMoment moment) {
    return new Placement(
        way.pool(),
        way.provider(job.model()),
        moment.plans().policy().version(),
        way.reason(),
        new RouteChoice(way.choice().policy(), Optional.empty(), rejected));
  }

  private static boolean failedOn(Job job, Way way) {
    String model = way.provider(job.model());
    return job.progress().attempts().stream()
        .anyMatch(past ->
            !past.givenBack() && past.pool().equals(way.pool()) && past.model().equals(model));
  }
}
