package dev.sluice.deploy.cli;

import dev.sluice.contract.model.Policy;
import dev.sluice.deploy.AllInOne;
import dev.sluice.runtime.config.BuiltInPolicy;
import dev.sluice.runtime.config.ConfigInput.Demand;
import dev.sluice.runtime.config.Configuration;
import dev.sluice.runtime.config.Secret;
import dev.sluice.runtime.config.SecretSource;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `sluice up`: everything in one process. Its options about `server` are read by the configuration
/// loader, which knows the file and the environment too.
@Command(
    name = "up",
    description = {
      "Run all services in one process on an embedded Kafka broker, until stopped.",
      "Without -c and --upstream it answers by itself, for a demo tenant."
    })
final class UpCommand implements Callable<Integer> {
  static final Set<String> SERVER_OPTIONS =
      Set.of("--port", "--kafka-port", "--admin-port", "--data", "--host");

  @Spec private CommandSpec spec;

  @Option(
      names = {"-c", "--config"},
      paramLabel = "FILE",
      description = "Configuration file.")
  private @Nullable Path file;

  @Option(
      names = {"--upstream"},
      paramLabel = "URL",
      description = "Send every model to this OpenAI-compatible endpoint.")
  private @Nullable URI upstream;

  @Option(
      names = {"--upstream-key"},
      paramLabel = "KEY",
      description = "Key for it; better SLUICE_UPSTREAM_KEY, which others cannot see.")
  private @Nullable String upstreamKey;

  @Option(
      names = {"--port"},
      paramLabel = "N",
      description = "HTTP port, 0 for any free one (default: 8080).")
  private @Nullable String port;

  @Option(
      names = {"--kafka-port"},
      paramLabel = "N",
      description = "Port of the broker, 0 for any free one (default: 9092).")
  private @Nullable String kafkaPort;

  @Option(
      names = {"--admin-port"},
      paramLabel = "N",
      description = "Port of health and metrics, 0 for any free one (default: 9090).")
  private @Nullable String adminPort;

  @Option(
      names = {"--data"},
      paramLabel = "DIR",
      description = "Folder of everything that is kept (default: .sluice).")
  private @Nullable String data;

  @Option(
      names = {"--host"},
      paramLabel = "ADDRESS",
      description = "Address to listen on (default: 127.0.0.1).")
  private @Nullable String host;

  @Override
  public Integer call() {
    if (file != null && upstream != null) {
      throw new CommandFailure(
          ExitCode.USAGE, "-c and --upstream exclude each other: name the endpoint in the file");
    }
    Configuration configuration =
        ConfigSource.load(Optional.ofNullable(file), serverOptions(), Demand.ALL, spec);
    RocksLibrary.loadAside();
    return Foreground.run(new Up(allInOne(configuration), spec.commandLine().getOut()));
  }

  private AllInOne allInOne(Configuration configuration) {
    SecretSource secrets = SecretSource.system();
    if (file != null) {
      return new AllInOne(
          configuration.server(), configuration.policy(), secrets, Optional.empty());
    }
    secrets = secrets.with(BuiltInPolicy.DEMO_KEY_NAME, BuiltInPolicy.DEMO_KEY);
    if (upstreamKey != null) {
      secrets = secrets.with(BuiltInPolicy.UPSTREAM_KEY_NAME, Secret.of(upstreamKey));
    }
    Policy policy =
        upstream == null
            ? BuiltInPolicy.demo()
            : BuiltInPolicy.upstream(upstream, upstreamKey != null);
    return new AllInOne(
        configuration.server(), policy, secrets, Optional.of(BuiltInPolicy.DEMO_KEY));
  }

  private Map<String, String> serverOptions() {
    Map<String, String> given = new TreeMap<>();
    put(given, "port", port);
    put(given, "kafka_port", kafkaPort);
    put(given, "admin_port", adminPort);
    put(given, "data", data);
    put(given, "host", host);
    return given;
  }

  private static void put(Map<String, String> given, String path, @Nullable String value) {
    if (value != null) {
      given.put(path, value);
    }
  }

  private record Up(AllInOne allInOne, PrintWriter out) implements Foreground.Running {
    @Override
    public void start() {
      out.println(allInOne.start().line());
      out.flush();
    }

    @Override
    public void close() {
      allInOne.close();
    }
  }
}
