package dev.sluice.bench.micro;

import dev.sluice.contract.model.Policy;
import dev.sluice.contract.price.PriceBook;
import dev.sluice.router.core.Job;
import dev.sluice.router.core.RouteMoment;
import dev.sluice.router.core.RoutePlans;
import dev.sluice.router.core.RoutePolicy;
import dev.sluice.router.core.RouteScores;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/// One routing decision among four routes, by each way.
@State(Scope.Thread)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class RoutePolicyBench {
  @Param public Policy.Routing routing = Policy.Routing.WEIGHTED;

  private Job job = MicroJobs.waiting(0);
  private RouteMoment moment = MicroJobs.ROUTING;
  private int number;

  @Setup(Level.Trial)
  public void plan() {
    List<Policy.Route> routes =
        List.of(
            new Policy.Route("p", "a", 90),
            new Policy.Route("p", "b", 5),
            new Policy.Route("p", "c", 4),
            new Policy.Route("p", "d", 1));
    Policy.Model model =
        new Policy.Model("m", Optional.empty(), routes, List.of(), routing, Optional.empty());
    Policy policy =
        new Policy(
            1,
            MicroJobs.POLICY.tenants(),
            MicroJobs.POLICY.pools(),
            Map.of("m", model),
            MicroJobs.POLICY.prices());
    moment =
        new RouteMoment(
            RoutePlans.of(policy),
            PriceBook.of(policy),
            _ -> true,
            new RouteScores(),
            MicroJobs.NOW,
            1);
  }

  @Benchmark
  public RoutePolicy.RouteDecision decide() {
    job = MicroJobs.waiting(number++ & 0xffff);
    return RoutePolicy.decide(job, moment);
  }
}
