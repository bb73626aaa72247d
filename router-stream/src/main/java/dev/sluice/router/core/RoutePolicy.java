package dev.sluice.router.core;

import dev.sluice.contract.model.ErrorCode;
import dev.sluice.contract.model.Policy;
import dev.sluice.router.core.RouteChoice.Rejected;
import dev.sluice.router.core.RoutePlan.Way;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Which pool and provider model a job goes to. First come the bars: residency, conditions and
/// pools that can take nothing leave routes out, whatever the plan's way of routing. Among the
/// others that way decides; all but the bandit give the same job the same answer as long as nothing
/// changes.
public final class RoutePolicy {

  private RoutePolicy() {}

  /// What routing says.
  public sealed interface RouteDecision {
    /// Go there.
    record Routed(Placement placement) implements RouteDecision {}

    /// Nothing can take it now; it waits.
    ///
    /// @param rejected why each route could not be taken
    record Held(String reason, List<Rejected> rejected) implements RouteDecision {}

    /// It can never run under this policy.
    record Refused(Failure failure) implements RouteDecision {}
  }

  /// What stands against a route.
  ///
  /// @param passes whether it can end under the same policy
  /// @param ofPool whether it is the pool alone, so that the route is the job's again afterwards
  private record Bar(String why, boolean passes, boolean ofPool) {}

  /// A question, with what stays the same while it is answered.
  private record Case(Job job, RoutePlan plan, RouteMoment moment) {}

  /// Routes a job that has no placement of its own.
  public static RouteDecision decide(Job job, RouteMoment moment) {
    Optional<RoutePlan> known = moment.plans().plan(job.model());
    if (known.isEmpty()) {
      return new RouteDecision.Refused(
          Failure.of(
              ErrorCode.MODEL_NOT_FOUND,
              FailureCause.REFUSED,
              "no route plan names this model; GET /v1/models lists those that do"));
    }
    RoutePlan plan = known.get();
    Case asked = new Case(job, plan, moment);
    for (Way way : plan.routes()) {
      if (bar(job, way, moment).isPresent()) {
        return aroundBars(asked);
      }
    }
    return plan.model().routing() == Policy.Routing.WEIGHTED
        ? weighted(asked, plan.routes(), plan.weight(), key(job, plan), List.of())
        : among(asked, plan.routes(), List.of());
  }

  /// Whether a placement that was decided before may still be taken.
  static boolean stands(Job job, Placement placement, RouteMoment moment) {
    RoutePlans plans = moment.plans();
    Optional<String> region = plans.policy().pool(placement.pool()).flatMap(Policy.Pool::region);
    if (!moment.usable().test(placement.pool()) || outside(plans.residency(job.tenant()), region)) {
      return false;
    }
    List<Way> same =
        plans.plan(job.model()).stream()
            .flatMap(plan -> Stream.concat(plan.routes().stream(), plan.fallback().stream()))
            .filter(way -> way.leadsTo(placement, job.model()))
            .toList();
    return same.isEmpty() || same.stream().anyMatch(way -> bar(job, way, moment).isEmpty());
  }

  /// Why a route may not be used for a job, by what its tenant and its plan say; empty when it may.
  static Optional<String> forbidden(Job job, Way way, RoutePlans plans, Instant now) {
    Optional<String> residency = plans.residency(job.tenant());
    Optional<String> outside = outsideOf(residency, way.region());
    return outside.isPresent()
        ? outside
        : way.condition().flatMap(condition -> condition.unmet(job, now));
  }

  /// Why a region is outside of a residency; empty when it is not.
  static Optional<String> outsideOf(Optional<String> residency, Optional<String> region) {
    return outside(residency, region)
        ? Optional.of(
            "outside of residency "
                + residency.orElse("")
                + region.map(where -> ", in " + where).orElse(", in no region"))
        : Optional.empty();
  }

  /// Why a route cannot be used for a job now, for whatever reason; empty when it can.
  static Optional<String> barred(Job job, Way way, RouteMoment moment) {
    return bar(job, way, moment).map(Bar::why);
  }

  private static boolean outside(Optional<String> residency, Optional<String> region) {
    return residency.isPresent() && !residency.equals(region);
  }

  private static Optional<Bar> bar(Job job, Way way, RouteMoment moment) {
    Optional<String> forbidden = forbidden(job, way, moment.plans(), moment.now());
    if (forbidden.isPresent()) {
      boolean passes =
          !outside(moment.plans().residency(job.tenant()), way.region())
              && way.condition().filter(RouteCondition::timed).isPresent();
      return Optional.of(new Bar(forbidden.get(), passes, false));
    }
    return moment.usable().test(way.pool())
        ? Optional.empty()
        : Optional.of(new Bar("the pool takes no work now", true, true));
  }

  private static RouteDecision aroundBars(Case asked) {
    List<Rejected> rejected = new ArrayList<>();
    List<Way> open = new ArrayList<>();
    List<Way> own = new ArrayList<>();
    boolean passes = false;
    for (Way way : asked.plan().routes()) {
      Optional<Bar> bar = bar(asked.job(), way, asked.moment());
      if (bar.isEmpty()) {
        open.add(way);
      } else {
        rejected.add(rejected(asked.job(), way, bar.get().why()));
        passes |= bar.get().passes();
      }
      if (bar.isEmpty() || bar.get().ofPool()) {
        own.add(way);
      }
    }
    if (open.isEmpty()) {
      return passes
          ? new RouteDecision.Held("provider", rejected)
          : new RouteDecision.Refused(nowhere(rejected));
    }
    return asked.plan().model().routing() == Policy.Routing.WEIGHTED
        ? drawAgain(asked, own, open, rejected)
        : among(asked, open, rejected);
  }

  static Failure nowhere(List<Rejected> rejected) {
    StringBuilder message = new StringBuilder("no route of its model may take this job: ");
    for (Rejected one : rejected) {
      message.append(one.pool()).append(": ").append(one.why()).append("; ");
    }
    message.append("change the request, or ask the operator for a route");
    return Failure.of(ErrorCode.NO_ROUTE, FailureCause.REFUSED, message.toString());
  }

  private static RouteDecision among(Case asked, List<Way> open, List<Rejected> barred) {
    Job job = asked.job();
    return switch (asked.plan().model().routing()) {
      case WEIGHTED -> weighted(asked, open, weight(open), key(job, asked.plan()), barred);
      case STICKY -> sticky(asked, open, barred);
      case PRIORITY -> ranked(asked, open, RouteRanking.byPlace(open), barred);
      case CHEAPEST ->
          ranked(
              asked, open, RouteRanking.byPrice(job, asked.plan(), open, asked.moment()), barred);
      case FASTEST ->
          asked.moment().scores().measured(job.model(), open)
              ? ranked(asked, open, RouteRanking.byTime(job, open, asked.moment()), barred)
              : weighted(asked, open, weight(open), key(job, asked.plan()), barred);
      case BANDIT -> ranked(asked, open, RouteRanking.bySample(job, open, asked.moment()), barred);
    };
  }

  private static RouteDecision weighted(
      Case asked, List<Way> open, long total, long key, List<Rejected> barred) {
    Way drawn = draw(open, total, key);
    String reason =
        total == asked.plan().weight()
            ? drawn.reason()
            : "weight " + drawn.weight() + " of " + total;
    return routed(asked, drawn, reason, barred);
  }

  /// A job whose own route's pool is away goes elsewhere; the others stay on theirs.
  private static RouteDecision drawAgain(
      Case asked, List<Way> own, List<Way> open, List<Rejected> barred) {
    long key = key(asked.job(), asked.plan());
    long total = weight(own);
    return open.contains(draw(own, total, key))
        ? weighted(asked, own, total, key, barred)
        : weighted(asked, open, weight(open), RouteHash.mix(key + 1), barred);
  }

  private static Way draw(List<Way> ways, long total, long key) {
    long point = Math.unsignedMultiplyHigh(key, total);
    for (Way way : ways) {
      point -= way.weight();
      if (point < 0) {
        return way;
      }
    }
    return ways.getLast();
  }

  private static long weight(List<Way> ways) {
    long total = 0;
    for (Way way : ways) {
      total += way.weight();
    }
    return total;
  }

  /// Rendezvous hashing: each session has an order of preference over all routes, so a route that
  /// goes moves its own sessions, and one that comes takes its share from each of the others.
  private static RouteDecision sticky(Case asked, List<Way> open, List<Rejected> barred) {
    long key = key(asked.job(), asked.plan());
    Way best = open.getFirst();
    double highest = Double.NEGATIVE_INFINITY;
    for (Way way : open) {
      double score = -way.weight() / Math.log(RouteHash.unit(RouteHash.mix(key ^ way.hash())));
      if (score > highest) {
        best = way;
        highest = score;
      }
    }
    String reason = asked.job().session().isPresent() ? "by its session" : "without a session";
    return routed(asked, best, reason, barred);
  }

  /// By what a job is assigned: its session, else the tag that its plan names, else its own id.
  static long key(Job job, RoutePlan plan) {
    if (job.session().isPresent()) {
      return RouteHash.of(job.session().get());
    }
    Optional<String> tag = plan.model().assignBy();
    if (tag.isPresent() && job.facts().isPresent()) {
      String value = job.facts().get().tags().get(tag.get());
      if (value != null) {
        return RouteHash.of(value);
      }
    }
    return RouteHash.of(job.id());
  }

  private static RouteDecision ranked(
      Case asked, List<Way> open, RouteRanking ranking, List<Rejected> barred) {
    int winner = ranking.winner();
    List<Rejected> rejected = new ArrayList<>(barred);
    for (int i = 0; i < open.size(); i++) {
      if (i != winner) {
        rejected.add(rejected(asked.job(), open.get(i), ranking.word(i)));
      }
    }
    return routed(asked, open.get(winner), ranking.word(winner), rejected);
  }

  private static RouteDecision routed(Case asked, Way way, String reason, List<Rejected> rejected) {
    RouteChoice choice =
        rejected.isEmpty()
            ? way.choice()
            : new RouteChoice(way.choice().policy(), way.variant(), rejected);
    return new RouteDecision.Routed(
        new Placement(
            way.pool(),
            way.provider(asked.job().model()),
            asked.moment().plans().policy().version(),
            reason,
            choice));
  }

  static Rejected rejected(Job job, Way way, String why) {
    return new Rejected(way.pool(), way.provider(job.model()), why);
  }
}
