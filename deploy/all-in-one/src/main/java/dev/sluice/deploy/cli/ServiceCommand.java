package dev.sluice.deploy.cli;

import dev.sluice.deploy.DataFolder;
import dev.sluice.deploy.ServiceKind;
import dev.sluice.deploy.SluiceNode;
import dev.sluice.runtime.config.ConfigInput.Demand;
import dev.sluice.runtime.config.SecretSource;
import dev.sluice.runtime.config.ServerConfig;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `sluice ingress`, `router`, `worker`, `metering`: one service on an external Kafka, as in
/// production. Policy comes from its topic, where `sluice apply` puts it.
@Command(description = "Run this one service on an external Kafka, until stopped.")
final class ServiceCommand implements Callable<Integer> {
  private final ServiceKind kind;

  @Spec private CommandSpec spec;

  @Option(
      names = {"-c", "--config"},
      paramLabel = "FILE",
      required = true,
      description = "Configuration file, of which only `server` is read.")
  private Path file = Path.of("");

  ServiceCommand(ServiceKind kind) {
    this.kind = kind;
  }

  /// Its name on the command line.
  String name() {
    return kind.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public Integer call() {
    ServerConfig config =
        ConfigSource.load(Optional.of(file), Map.of(), Demand.SERVER, spec).server();
    if (kind == ServiceKind.INGRESS || kind == ServiceKind.METERING) {
      RocksLibrary.loadAside();
    }
    return Foreground.run(new OneService(kind, name(), config, spec.commandLine().getOut()));
  }

  private static final class OneService implements Foreground.Running {
    private final ServiceKind kind;
    private final String name;
    private final ServerConfig config;
    private final PrintWriter out;
    private volatile @Nullable DataFolder folder;
    private volatile @Nullable SluiceNode node;

    OneService(ServiceKind kind, String name, ServerConfig config, PrintWriter out) {
      this.kind = kind;
      this.name = name;
      this.config = config;
      this.out = out;
    }

    @Override
    public void start() {
      DataFolder taken = DataFolder.take(config.data().resolve(name));
      folder = taken;
      SluiceNode starting = new SluiceNode(config, SecretSource.system(), taken.part("state"));
      node = starting;
      SluiceNode.Started started = starting.start(List.of(kind), _ -> {});
      // What it waits for, such as a policy or the topics of a pool, may come later.
      starting.awaitReady(Optional.empty());
      out.println(
          "ready "
              + name
              + (started.httpPort() > 0
                  ? " http://" + config.host() + ":" + started.httpPort()
                  : "")
              + " admin http://"
              + config.adminHost()
              + ":"
              + started.adminPort());
      out.flush();
    }

    @Override
    public void close() {
      SluiceNode stopping = node;
      if (stopping != null) {
        stopping.close();
      }
      DataFolder held = folder;
      if (held != null) {
        held.close();
      }
    }
  }
}
