package dev.sluice.router.core;

import dev.sluice.contract.model.JobId;
import dev.sluice.contract.model.Policy;
import dev.sluice.contract.model.Priority;
import dev.sluice.router.core.RouteChoice.Rejected;
import dev.sluice.router.core.RoutePlan.Way;
import dev.sluice.router.core.RoutePolicy.RouteDecision;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Which jobs have shadow copies, what a copy is, and where it may go. A copy is a job of its own
/// whose id follows from its primary's, so however often a crash lets it be made it is one.
public final class ShadowRule {
  /// The policy that a copy's route names.
  private static final String POLICY = "shadow";

  private ShadowRule() {}

  /// A job that is released for the first time, with the copies that its plan wants of it.
  static Job cast(Job released, RouteMoment moment) {
    if (!moment.plans().shadows() || released.isCopy()) {
      return released;
    }
    return moment
        .plans()
        .plan(released.model())
        .map(plan -> targets(released, plan, moment))
        .filter(targets -> !targets.isEmpty())
        .map(targets -> released.shadowed(new Shadow.Cast(targets, true)))
        .orElse(released);
  }

  private static List<Shadow.Target> targets(Job job, RoutePlan plan, RouteMoment moment) {
    List<Shadow.Target> targets = new ArrayList<>();
    List<Policy.Shadow> wanted = plan.model().shadow();
    for (int i = 0; i < wanted.size(); i++) {
      Way way = plan.shadow().get(i);
      double draw = RouteHash.unit(RouteHash.mix(RoutePolicy.key(job, plan) ^ way.hash()));
      if (draw * 100 < wanted.get(i).percent()
          && RoutePolicy.forbidden(job, way, moment.plans(), moment.now()).isEmpty()) {
        targets.add(new Shadow.Target(way.pool(), way.provider(job.model())));
      }
    }
    return targets;
  }

  /// The copies that may be missing in the log, as they are admitted.
  public static List<Job> due(Job primary) {
    if (!(primary.shadow().orElse(null) instanceof Shadow.Cast(var targets, boolean due))
        || !due
        || !(primary.phase() instanceof Phase.Released released)) {
      return List.of();
    }
    List<Job> copies = new ArrayList<>(targets.size());
    for (int i = 0; i < targets.size(); i++) {
      Placement placement =
          new Placement(
              targets.get(i).pool(),
              targets.get(i).model(),
              released.placement().policyVersion(),
              "copy of " + primary.id().text(),
              new RouteChoice(POLICY, Optional.empty(), List.of()));
      copies.add(copy(primary, i, placement));
    }
    return copies;
  }

  /// Of the same request, for nobody: no caller, no callback, no key, no answer that is kept.
  private static Job copy(Job primary, int number, Placement placement) {
    return new Job(
        primary.id().derived(number),
        primary.tenant(),
        Priority.BATCH,
        primary.model(),
        primary.submission(),
        primary.deadline(),
        primary.demand(),
        new Delivery(
            primary.delivery().replyPartition(),
            primary.delivery().stream(),
            false,
            Optional.empty()),
        primary.session(),
        Optional.empty(),
        Optional.empty(),
        List.of(),
        Optional.empty(),
        Optional.empty(),
        Optional.of(new Shadow.CopyOf(primary.id())),
        1,
        Progress.NONE,
        new Phase.Waiting(Instant.EPOCH, Optional.of(placement), Optional.empty()));
  }

  /// Where a copy goes: to its own place or nowhere.
  static RouteDecision place(Job copy, Placement next, RouteMoment moment) {
    RoutePlans plans = moment.plans();
    Optional<String> region = plans.policy().pool(next.pool()).flatMap(Policy.Pool::region);
    Optional<String> why = RoutePolicy.outsideOf(plans.residency(copy.tenant()), region);
    if (plans.policy().pool(next.pool()).isEmpty()) {
      why = Optional.of("there is no such pool any more");
    }
    if (why.isPresent()) {
      return new RouteDecision.Refused(
          RoutePolicy.nowhere(List.of(new Rejected(next.pool(), next.model(), why.get()))));
    }
    return moment.usable().test(next.pool())
        ? new RouteDecision.Routed(next)
        : new RouteDecision.Held(
            "provider",
            List.of(new Rejected(next.pool(), next.model(), "the pool takes no work now")));
  }

  /// What a command to a job asks of its copies; empty when nothing. A job that has ended by itself
  /// leaves them running.
  ///
  /// @param primary the job after the command; empty when it is forgotten
  public static Optional<JobCommand> ending(JobCommand asked, Optional<Job> primary) {
    if (asked instanceof JobCommand.Erase) {
      return Optional.of(asked);
    }
    boolean cancels = asked instanceof JobCommand.Cancel || asked instanceof JobCommand.Leave;
    return primary
        .map(Job::phase)
        .filter(phase ->
            cancels && phase instanceof Phase.Done done && done.status() == Phase.Status.CANCELLED)
        .map(_ -> new JobCommand.Cancel("its primary was cancelled"));
  }

  /// Ids that copies of a job can have.
  public static List<JobId> ids(JobId primary) {
    List<JobId> ids = new ArrayList<>(Policy.Model.MAX_SHADOWS);
    for (int i = 0; i < Policy.Model.MAX_SHADOWS; i++) {
      ids.add(primary.derived(i));
    }
    return ids;
  }
}
