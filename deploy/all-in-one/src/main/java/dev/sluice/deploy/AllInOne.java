package dev.sluice.deploy;

import dev.sluice.contract.model.Policy;
import dev.sluice.contract.serde.RecordSerdes;
import dev.sluice.router.RouterService;
import dev.sluice.runtime.config.KafkaSettings;
import dev.sluice.runtime.config.Secret;
import dev.sluice.runtime.config.SecretSource;
import dev.sluice.runtime.config.ServerConfig;
import dev.sluice.runtime.policy.PolicyPublisher;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// `sluice up`: every service and the broker they meet in, in one process on one data folder.
///
/// Its start is the whole of it on one page: folder, ports, broker, then the node with its topics,
/// registry, policy and services; it is ready when each service is.
public final class AllInOne implements AutoCloseable {
  private static final Duration READY_LIMIT = Duration.ofMinutes(3);
  private static final String REMEDY =
      "stop what holds it, or choose another one (0 = any free port)";

  private final ServerConfig config;
  private final Policy policy;
  private final SecretSource secrets;
  private final Optional<Secret> demoKey;
  private final StopStack stops = new StopStack();

  /// @param policy to publish, unless it is what was published last
  /// @param demoKey shown to the user where the demo tenant exists
  public AllInOne(
      ServerConfig config, Policy policy, SecretSource secrets, Optional<Secret> demoKey) {
    this.config = config;
    this.policy = policy;
    this.secrets = secrets;
    this.demoKey = demoKey;
  }

  /// Where it serves.
  public record Ready(String http, String kafka, String admin, Optional<Secret> demoKey) {

    /// The one line on stdout.
    public String line() {
      String key = demoKey.map(secret -> " key " + secret.value()).orElse("");
      return "ready http://" + http + " kafka " + kafka + " admin http://" + admin + key;
    }
  }

  /// Returns when it can serve.
  ///
  /// @throws StartFailure when this machine does not let it
  public Ready start() {
    DataFolder folder = stops.push(DataFolder.take(config.data()));
    probe(config.host(), config.port(), "HTTP");
    probe(config.adminHost(), config.adminPort(), "the admin port");
    EmbeddedBroker broker =
        stops.push(
            new EmbeddedBroker(
                folder.part("kafka"), brokerHost(config.host()), config.kafkaPort()));
    broker.start();
    stops.failIfClosed();
    ServerConfig onBroker =
        withCallbackKey(folder).withKafka(KafkaSettings.at(broker.bootstrapServers()));
    SluiceNode node = stops.push(new SluiceNode(onBroker, secrets, folder.part("state")));
    SluiceNode.Started started =
        node.start(
            List.of(ServiceKind.values()),
            serdes -> {
              publish(onBroker.kafka(), serdes);
              // Nobody else works on this folder, so a router in the log is one that was killed.
              broker.forgetMembers(RouterService.GROUP);
            });
    node.awaitReady(Optional.of(READY_LIMIT));
    return new Ready(
        config.host() + ":" + started.httpPort(),
        broker.bootstrapServers(),
        config.adminHost() + ":" + started.adminPort(),
        demoKey);
  }

  private ServerConfig withCallbackKey(DataFolder folder) {
    return config.callbacks().secretKey().isPresent()
        ? config
        : config.withCallbackKey(CallbackKey.of(folder));
  }

  private void publish(KafkaSettings kafka, RecordSerdes serdes) {
    new PolicyPublisher(kafka, serdes, Clock.systemUTC()).publishFile(policy);
  }

  private static void probe(String host, int port, String what) {
    try {
      FreePort.probe(InetAddress.getByName(host), port, what, REMEDY);
    } catch (UnknownHostException e) {
      throw new StartFailure(
          "host %s is not known: give an address of this machine".formatted(host), e);
    }
  }

  /// A broker names one address to its clients, so behind a wildcard it stays on this machine.
  private static String brokerHost(String host) {
    try {
      InetAddress address = InetAddress.getByName(host);
      return address.isAnyLocalAddress() ? InetAddress.getLoopbackAddress().getHostAddress() : host;
    } catch (UnknownHostException e) {
      throw new StartFailure(
          "host %s is not known: give an address of this machine".formatted(host), e);
    }
  }

  @Override
  public void close() {
    stops.close();
  }
}
