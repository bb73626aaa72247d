package dev.sluice.deploy;

import dev.sluice.contract.serde.RecordSerdes;
import dev.sluice.contract.topic.Topics;
import dev.sluice.ingress.IngressServer;
import dev.sluice.runtime.config.KafkaSettings;
import dev.sluice.runtime.config.SecretSource;
import dev.sluice.runtime.config.ServerConfig;
import dev.sluice.runtime.http.AdminEndpoint;
import dev.sluice.runtime.http.ApiDescription;
import dev.sluice.runtime.http.Readiness;
import dev.sluice.runtime.kafka.KafkaClients;
import dev.sluice.runtime.lifecycle.Service;
import dev.sluice.runtime.lifecycle.ServiceContext;
import dev.sluice.runtime.policy.PolicyView;
import dev.sluice.runtime.registry.LogSchemaRegistry;
import dev.sluice.runtime.registry.RegistryHandler;
import dev.sluice.runtime.telemetry.LogKeys;
import dev.sluice.runtime.telemetry.ProcessMeters;
import io.undertow.server.HttpHandler;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One process of Sluice on a Kafka that runs: what all services share, an admin port, and the
/// services themselves. Everything starts in the order of [#start] and stops in the reverse order.
///
/// `start` belongs to one thread; `close` may come from another while it is still at work, which
/// then fails.
public final class SluiceNode implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SluiceNode.class);
  private static final Duration STILL_WAITING = Duration.ofSeconds(30);
  private static final Duration READY_CHECK = Duration.ofMillis(10);

  private final ServerConfig config;
  private final SecretSource secrets;
  private final Path stateDir;
  private final StopStack stops = new StopStack();
  private final ProcessMeters meters = stops.push(new ProcessMeters());
  private final StartTimes times = new StartTimes(meters.registry());
  private volatile List<Running> running = List.of();

  private record Running(ServiceKind kind, Service service) {}

  /// @param config with the Kafka to use
  /// @param stateDir for local state that can be lost
  public SluiceNode(ServerConfig config, SecretSource secrets, Path stateDir) {
    this.config = config;
    this.secrets = secrets;
    this.stateDir = stateDir;
  }

  /// Where a started node listens, also where any free port was asked for.
  ///
  /// @param httpPort 0 without an ingress
  public record Started(int httpPort, int adminPort) {}

  /// @param beforeServices runs when topics and serdes are there, such as publishing a policy
  public Started start(List<ServiceKind> kinds, Consumer<RecordSerdes> beforeServices) {
    KafkaSettings settings = config.kafka();
    KafkaClients kafka =
        KafkaClients.metered(settings.bootstrapServers(), settings.properties(), meters.registry());
    createTopics(kafka);
    Registry registry = openRegistry(kafka);
    PolicyView policy = stops.push(new PolicyView(kafka, registry.serdes(), meters.registry()));
    policy.start();
    beforeServices.accept(registry.serdes());
    ServiceContext context =
        new ServiceContext(
            UUID.randomUUID().toString(),
            kafka,
            registry.serdes(),
            policy,
            secrets,
            meters.registry(),
            Clock.systemUTC(),
            stateDir);
    createServices(kinds, context);
    AdminEndpoint admin =
        stops.push(
            new AdminEndpoint(
                config.adminHost(),
                config.adminPort(),
                this::waitingFor,
                meters::scrape,
                mounts(registry),
                new AdminKeys(policy::current, secrets)));
    admin.start();
    running.forEach(one -> times.start(one.service()));
    return new Started(httpPort(), admin.port());
  }

  private int httpPort() {
    for (Running one : running) {
      if (one.service() instanceof IngressServer ingress) {
        return ingress.address().getPort();
      }
    }
    return 0;
  }

  private void createTopics(KafkaClients kafka) {
    try (Admin admin = kafka.admin("sluice-topics")) {
      ServiceKind.topics(config).create(admin, Topics.fixed());
    } catch (KafkaException e) {
      throw new StartFailure(
          "Kafka at %s cannot be used: %s; correct server.kafka, or start it"
              .formatted(kafka.bootstrapServers(), e.getMessage()),
          e);
    }
  }

  private static Map<String, HttpHandler> mounts(Registry registry) {
    Map<String, HttpHandler> mounts = new HashMap<>(registry.mounts());
    mounts.putAll(ApiDescription.mounts());
    return mounts;
  }

  private record Registry(RecordSerdes serdes, Map<String, HttpHandler> mounts) {}

  private Registry openRegistry(KafkaClients kafka) {
    if (config.registry().isPresent()) {
      RecordSerdes serdes = stops.push(RecordSerdes.from(config.registry().get()));
      return new Registry(serdes, Map.of());
    }
    LogSchemaRegistry builtIn = LogSchemaRegistry.open(kafka);
    RecordSerdes serdes = stops.push(RecordSerdes.over(builtIn));
    return new Registry(serdes, new RegistryHandler(builtIn).mounts());
  }

  private void createServices(List<ServiceKind> kinds, ServiceContext context) {
    List<Running> created = new ArrayList<>();
    for (ServiceKind kind : kinds) {
      created.add(new Running(kind, stops.push(kind.create(config, context))));
    }
    running = List.copyOf(created);
  }

  private List<Readiness.Waiting> waitingFor() {
    return Readiness.of(running.stream().map(Running::service).toList()).waitingFor();
  }

  /// Returns when every service can serve.
  ///
  /// @param longest after which it gives up; empty to wait as long as it takes
  /// @throws StartFailure when that takes too long
  public void awaitReady(Optional<Duration> longest) {
    long began = System.nanoTime();
    long sayAt = began + STILL_WAITING.toNanos();
    List<Readiness.Waiting> waitingFor = waitingFor();
    times.look(waitingFor);
    while (!waitingFor.isEmpty()) {
      long now = System.nanoTime();
      if (longest.isPresent() && now - began > longest.get().toNanos()) {
        throw new StartFailure(
            "not ready after %d s, still waiting for %s: see the log above"
                .formatted(longest.get().toSeconds(), joined(waitingFor)));
      }
      if (now - sayAt > 0) {
        LOG.atWarn().addKeyValue("waitingFor", joined(waitingFor)).log("not ready yet");
        sayAt = now + STILL_WAITING.toNanos();
      }
      LockSupport.parkNanos(READY_CHECK.toNanos());
      stops.failIfClosed();
      waitingFor = waitingFor();
      times.look(waitingFor);
    }
  }

  private static String joined(List<Readiness.Waiting> waitingFor) {
    return waitingFor.stream().map(Readiness.Waiting::toString).collect(Collectors.joining(", "));
  }

  /// Lets what runs come to its end, then stops everything.
  @Override
  public void close() {
    drain(config.timeouts().drain());
    stops.close();
  }

  /// Against the flow: an ingress first, since its callers wait for answers that the workers still
  /// give. The router goes on meanwhile, because it decides what comes of them.
  private void drain(Duration grace) {
    long end = System.nanoTime() + grace.toNanos();
    for (Running one : running.reversed()) {
      if (one.kind().holdsWork()) {
        drain(one.service(), Duration.ofNanos(Math.max(0, end - System.nanoTime())));
      }
    }
  }

  private static void drain(Service service, Duration grace) {
    try {
      service.drain(grace);
    } catch (RuntimeException e) {
      LOG.atWarn().addKeyValue(LogKeys.SERVICE, service.name()).setCause(e).log("drain failed");
    }
  }
}
