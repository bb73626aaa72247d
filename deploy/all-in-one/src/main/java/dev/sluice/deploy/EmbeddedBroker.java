package dev.sluice.deploy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Properties;
import kafka.server.KafkaConfig;
import org.apache.kafka.metadata.storage.Formatter;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A Kafka broker inside this process, so that Sluice needs no other server. Its folder outlives
/// it: the same folder starts again with all its records, also after `kill -9`, and on other ports.
///
/// A broken disk halts the whole process, since Kafka itself decides so: a log that cannot be
/// written must not go on being served. Not safe for use by many threads.
public final class EmbeddedBroker implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EmbeddedBroker.class);

  private static final Duration STOP_LIMIT = Duration.ofSeconds(10);
  private static final int ANY_PORT_TRIES = 5;
  private static final String REMEDY =
      "stop what holds it, or choose another one (0 = any free port)";

  private final Path folder;
  private final InetAddress address;
  private final int wantedPort;
  private @Nullable BrokerNode server;
  private int port;

  /// @param folder where its records live
  /// @param host address to listen on; not a wildcard, since clients are told it
  /// @param port 0 picks a free one at each start
  public EmbeddedBroker(Path folder, String host, int port) {
    this.folder = folder;
    this.wantedPort = port;
    try {
      this.address = InetAddress.getByName(host);
    } catch (UnknownHostException e) {
      throw new StartFailure(
          "host %s is not known: give an address of this machine".formatted(host), e);
    }
  }

  /// Returns when it serves.
  ///
  /// @throws StartFailure when the port is taken or the folder cannot be used
  public EmbeddedBroker start() {
    if (server != null) {
      return this;
    }
    int tries = wantedPort == 0 ? ANY_PORT_TRIES : 1;
    for (int attempt = 1; server == null; attempt++) {
      try {
        server = startOnce();
      } catch (PortLost e) {
        // Another process bound the port between the look and the bind.
        if (attempt >= tries) {
          throw new StartFailure(
              "port %d on %s is not free for Kafka: %s"
                  .formatted(port, address.getHostAddress(), REMEDY),
              e);
        }
      }
    }
    return this;
  }

  private BrokerNode startOnce() throws PortLost {
    port = FreePort.probe(address, wantedPort, "Kafka", REMEDY);
    int controllerPort = controllerPort();
    Properties settings = BrokerSettings.of(folder, address.getHostAddress(), port, controllerPort);
    KafkaConfig config = new KafkaConfig(settings, false);
    format();
    BrokerNode starting = new BrokerNode(config);
    try {
      starting.startup();
      return starting;
    } catch (RuntimeException e) {
      stop(starting);
      if (isBindFailure(e)) {
        throw new PortLost(e);
      }
      throw new StartFailure(
          "the embedded Kafka did not start on folder %s: %s".formatted(folder, e.getMessage()), e);
    }
  }

  /// The kernel may give the port again that it gave just before.
  private int controllerPort() {
    int free = port;
    while (free == port) {
      free = FreePort.probe(address, 0, "Kafka's controller", REMEDY);
    }
    return free;
  }

  /// Writes node and cluster identity into a new folder; does nothing to a formatted one.
  private void format() {
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    try (PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8)) {
      new Formatter()
          .setPrintStream(out)
          .setNodeId(BrokerSettings.NODE_ID)
          .setClusterId(BrokerSettings.CLUSTER_ID)
          .addDirectory(folder.toString())
          .setMetadataLogDirectory(folder.toString())
          .setControllerListenerName("CONTROLLER")
          .setIgnoreFormatted(true)
          .run();
    } catch (Exception e) {
      throw new StartFailure(
          "folder %s cannot hold Kafka's log (%s): give a writable folder with --data"
              .formatted(folder, e.getMessage()),
          e);
    }
    LOG.atDebug()
        .addKeyValue("said", said.toString(StandardCharsets.UTF_8).strip())
        .log("formatted");
  }

  /// Lets the members of a streams group leave that `kill -9` has left in it. Only for a process
  /// that knows that they are dead, and before its own join.
  public void forgetMembers(String group) {
    if (server == null) {
      throw new IllegalStateException("not started");
    }
    server.forgetMembers(group);
  }

  /// `host:port` for clients.
  public String bootstrapServers() {
    if (server == null) {
      throw new IllegalStateException("not started");
    }
    return address.getHostAddress() + ":" + port;
  }

  /// Stops cleanly within ten seconds, else leaves the rest to the end of the process.
  @Override
  public void close() {
    BrokerNode stopping = server;
    server = null;
    if (stopping != null) {
      stop(stopping);
    }
  }

  private static void stop(BrokerNode stopping) {
    Thread stopper = Thread.ofPlatform().daemon().name("broker-stop").start(stopping::shutdown);
    try {
      if (!stopper.join(STOP_LIMIT)) {
        LOG.atWarn().log("embedded broker did not stop in time");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static boolean isBindFailure(Throwable failure) {
    for (Throwable at = failure; at != null; at = at.getCause()) {
      if (at instanceof java.net.BindException) {
        return true;
      }
    }
    return false;
  }

  private static final class PortLost extends Exception {
    private static final long serialVersionUID = 1L;

    PortLost(Throwable cause) {
      super(cause);
    }
  }
}
