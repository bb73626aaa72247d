package dev.sluice.bench.micro;

import dev.sluice.contract.model.JobId;
import dev.sluice.contract.model.Policy;
import dev.sluice.contract.model.Priority;
import dev.sluice.contract.price.PriceBook;
import dev.sluice.router.core.Delivery;
import dev.sluice.router.core.Job;
import dev.sluice.router.core.JobCommand;
import dev.sluice.router.core.JobDecision.Moves;
import dev.sluice.router.core.JobMachine;
import dev.sluice.router.core.LogPosition;
import dev.sluice.router.core.Placement;
import dev.sluice.router.core.RouteMoment;
import dev.sluice.router.core.RoutePlans;
import dev.sluice.router.core.RouteScores;
import dev.sluice.router.core.limits.Demand;
import dev.sluice.router.core.limits.Spent;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Jobs and a policy to measure with.
final class MicroJobs {
  static final Instant NOW = Instant.parse("2026-11-21T08:00:00Z");
  static final Placement PLACE = new Placement("p", "x", 1, "weighted");
  static final Policy POLICY =
      new Policy(
          1,
          Map.of("acme", new Policy.Tenant("acme", List.of(), Map.of(), Policy.OnCrash.RETRY, 4)),
          Map.of(
              "p",
              new Policy.Pool(
                  "p",
                  Policy.ProviderKind.SIMULATED,
                  List.of(),
                  Optional.empty(),
                  64,
                  Policy.Timeouts.DEFAULT,
                  Set.of("chat"),
                  Policy.Simulation.DEFAULT)),
          Map.of(
              "m",
              new Policy.Model(
                  "m", Optional.empty(), List.of(new Policy.Route("p", "x", 1)), List.of())),
          List.of());
  static final JobMachine.Moment MOMENT = new JobMachine.Moment(POLICY, NOW, 0.5);
  static final RouteMoment ROUTING =
      new RouteMoment(
          RoutePlans.of(POLICY), PriceBook.of(POLICY), _ -> true, new RouteScores(), NOW, 1);

  private MicroJobs() {}

  static Job waiting(int number) {
    return waiting(number, "acme", NOW);
  }

  static Job waiting(int number, String tenant, Instant now) {
    return new Job(
        JobId.create(now, 0, 0, number),
        tenant,
        Priority.STANDARD,
        "m",
        new LogPosition("sluice.jobs.standard", 0, number),
        now.plus(Duration.ofHours(1)),
        new Demand("", Map.of(), 100, 100, 1, false, Optional.empty()),
        Delivery.kept(0));
  }

  static Job after(Job job, JobCommand command) {
    return after(job, command, MOMENT);
  }

  static Job after(Job job, JobCommand command, JobMachine.Moment moment) {
    if (JobMachine.decide(job, command, moment) instanceof Moves moves) {
      return moves.after();
    }
    throw new IllegalStateException(command + " did not move " + job);
  }

  static JobCommand.Claim claim() {
    return new JobCommand.Claim(1, 7, "w", 0, false, 0, Instant.EPOCH);
  }

  static JobCommand.Outcome success(long offset) {
    return success(offset, NOW);
  }

  static JobCommand.Outcome success(long offset, Instant now) {
    return new JobCommand.Outcome(
        1,
        7,
        true,
        Optional.empty(),
        false,
        now,
        now.plusMillis(5),
        Optional.of(BigDecimal.ONE),
        new Spent(0, 50, 50, 1_000_000_000_000L, now.plusMillis(5)),
        new LogPosition("sluice.commands", 0, offset));
  }
}
