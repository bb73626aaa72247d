package dev.sluice.ingress.http;

import static dev.sluice.ingress.http.Surface.NATIVE;
import static dev.sluice.ingress.http.Surface.OPENAI;

import dev.sluice.contract.model.Scope;
import dev.sluice.ingress.IngressConfig;
import dev.sluice.ingress.core.KeyRing;
import dev.sluice.runtime.http.ApiDescription;
import io.undertow.server.handlers.HttpContinueReadHandler;
import io.undertow.util.Methods;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The HTTP server and every route it serves. I/O threads never wait; each request is served by a
/// virtual thread, so a waiting caller costs a parked stack and no platform thread.
public final class IngressHttp implements AutoCloseable {
  private static final int LAST_CALLS_SECONDS = 2;
  private static final long DRAIN_POLL_NANOS = 20_000_000;

  private final Surroundings around;
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("ingress-call-", 0).factory());
  private final CallerProbe probe = new CallerProbe();
  private final RouteMeters meters;
  private final Gate gate;
  private @Nullable HttpListener listener;

  public IngressHttp(Surroundings around, Supplier<KeyRing> keys) {
    this.around = around;
    this.meters = new RouteMeters(around.meters());
    IngressConfig config = around.config();
    BodyCollector.Bounds bodies =
        new BodyCollector.Bounds(config.limits().bodyBytes(), config.timing().head());
    this.gate = new Gate(routes(), keys, bodies, threads, meters);
  }

  private Routes routes() {
    var timing = around.config().timing();
    Outlook outlook =
        new Outlook(around.queues(), around.controls(), around.policy(), around.clock());
    JobJson json = new JobJson(around.log(), outlook);
    Jobs jobs = new Jobs(around.log());
    Submitter submitter = new Submitter(around);
    Admission admission = new Admission(around.log(), json, timing.admission());
    Responses responses = new Responses(around.log());
    Conversations conversations =
        new Conversations(responses, around.config().limits().bodyBytes());
    CancelJob cancel = new CancelJob(around.log(), jobs, json, timing.admission());
    EraseJob erase = new EraseJob(around.log(), jobs, timing.admission());
    Once once = new Once(around);
    Routes routes = new Routes();
    VendorRoutes vendors =
        new VendorRoutes(around, submitter, conversations, admission, probe, meters);
    vendors.openAi(routes);
    vendors.anthropic(routes);
    vendors.responses(routes, responses, cancel, erase, once);
    StorageRoutes.add(routes, around, once);
    CallbackRoutes.add(routes, around, jobs, once);
    ControlRoutes.add(routes, around, jobs, json, once);
    return routes
        .add(
            "/v1/jobs",
            post(
                "jobs",
                NATIVE,
                Scope.SUBMIT,
                new SubmitJob(around, submitter, conversations, admission, json)),
            get("jobs.list", Scope.READ, new ListJobs(around.log(), json, outlook)))
        .add(
            "/v1/jobs/{}",
            get("job", Scope.READ, new ReadJob(around.log(), jobs, json, probe)),
            new Route("job.erase", Methods.DELETE, NATIVE, Optional.of(Scope.CANCEL), erase))
        .add(
            "/v1/jobs/{}/events",
            get(
                "job.events",
                Scope.READ,
                new JobEvents(around.log(), jobs, probe, timing.heartbeat(), outlook)))
        .add("/v1/jobs/{}/cancel", post("job.cancel", NATIVE, Scope.CANCEL, once.again(cancel)))
        .add(
            ApiDescription.PATH,
            new Route(
                "openapi",
                Methods.GET,
                OPENAI,
                Optional.empty(),
                call -> call.json(200, ApiDescription.json())))
        .add("/v1/costs", get("costs", Scope.COSTS, new Costs(around.costs(), around.clock())))
        .add(
            "/v1/comparisons",
            get("comparisons", Scope.ADMIN, new Comparisons(around.comparisons(), around.clock())))
        .add("/v1/quotas", get("quotas", Scope.READ, new Quotas(around.quotas(), around.policy())));
  }

  private static Route post(String name, Surface surface, Scope scope, Endpoint endpoint) {
    return new Route(name, Methods.POST, surface, Optional.of(scope), endpoint);
  }

  private static Route get(String name, Scope scope, Endpoint endpoint) {
    return new Route(name, Methods.GET, NATIVE, Optional.of(scope), endpoint);
  }

  /// Binds and serves.
  public void start() {
    listener = HttpListener.open(around.config(), new HttpContinueReadHandler(gate));
    probe.start(around.config().timing().probe());
  }

  /// Where it listens; a port of 0 in the configuration has become a real one.
  public InetSocketAddress address() {
    HttpListener running = listener;
    if (running == null) {
      throw new IllegalStateException("not started");
    }
    return running.address();
  }

  /// Takes nothing new, and waits for the calls whose callers wait.
  public void drain(Duration grace) {
    gate.drain();
    long until = System.nanoTime() + grace.toNanos();
    while (gate.unanswered() > 0
        && System.nanoTime() < until
        && !Thread.currentThread().isInterrupted()) {
      LockSupport.parkNanos(this, DRAIN_POLL_NANOS);
    }
  }

  @Override
  public void close() {
    gate.drain();
    probe.close();
    // Those who still wait are told to come again, while there is a server to tell them.
    threads.shutdownNow();
    try {
      var _ = threads.awaitTermination(LAST_CALLS_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    HttpListener running = listener;
    if (running != null) {
      running.close();
    }
  }
}
