package dev.sluice.ingress.http;

import dev.sluice.contract.model.Control.Mode;
import dev.sluice.contract.model.Scope;
import io.undertow.util.Methods;
import java.util.Optional;

/// Paths by which what waits is steered: jobs, groups, tenants and pools.
final class ControlRoutes {
  private final Once once;

  private ControlRoutes(Once once) {
    this.once = once;
  }

  static void add(Routes routes, Surroundings around, Jobs jobs, JobJson json, Once once) {
    new ControlRoutes(once).add(routes, around, jobs, json);
  }

  private void add(Routes routes, Surroundings around, Jobs jobs, JobJson json) {
    Holding holding = new Holding(around, jobs, json);
    GroupOrders groups = new GroupOrders(around.log(), around.clock());
    routes
        .add(
            "/v1/jobs/{}/reprioritise",
            post(
                "job.reprioritise",
                Scope.SUBMIT,
                new ReprioritiseJob(around.log(), jobs, json, around.clock())))
        .add("/v1/jobs/{}/pause", post("job.pause", Scope.CANCEL, holding::pauseJob))
        .add("/v1/jobs/{}/resume", post("job.resume", Scope.CANCEL, holding::resumeJob))
        .add("/v1/groups/{}/pause", post("group.pause", Scope.CANCEL, holding::pauseGroup))
        .add("/v1/groups/{}/resume", post("group.resume", Scope.CANCEL, holding::resumeGroup))
        .add("/v1/groups/{}/cancel", post("group.cancel", Scope.CANCEL, groups::cancel))
        .add(
            "/v1/groups/{}/reprioritise",
            post("group.reprioritise", Scope.SUBMIT, groups::reprioritise))
        .add("/v1/tenants/{}/pause", post("tenant.pause", holding::pauseTenant))
        .add("/v1/tenants/{}/resume", post("tenant.resume", holding::resumeTenant))
        .add(
            "/v1/pools/{}/pause",
            post("pool.pause", Scope.ADMIN, call -> holding.stopPool(call, Mode.PAUSED)))
        .add(
            "/v1/pools/{}/drain",
            post("pool.drain", Scope.ADMIN, call -> holding.stopPool(call, Mode.DRAINING)))
        .add("/v1/pools/{}/resume", post("pool.resume", Scope.ADMIN, holding::resumePool))
        .add(
            "/v1/controls",
            new Route(
                "controls", Methods.GET, Surface.NATIVE, Optional.of(Scope.READ), holding::list));
  }

  private Route post(String name, Scope scope, Endpoint endpoint) {
    return new Route(name, Methods.POST, Surface.NATIVE, Optional.of(scope), once.again(endpoint));
  }

  /// For any valid key: the endpoint asks for the scope itself.
  private Route post(String name, Endpoint endpoint) {
    return new Route(name, Methods.POST, Surface.NATIVE, Optional.empty(), once.again(endpoint));
  }
}
