package dev.sluice.deploy.cli;

import dev.sluice.deploy.DataFolder;
import dev.sluice.deploy.EmbeddedBroker;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `sluice kafka`: only the embedded broker, for developing with split processes.
@Command(name = "kafka", description = "Run only the embedded Kafka broker, until stopped.")
final class KafkaCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = {"--data"},
      paramLabel = "DIR",
      description = "Folder of its records (default: .sluice).")
  private Path data = Path.of(".sluice");

  @Option(
      names = {"--host"},
      description = "Address to listen on (default: 127.0.0.1).")
  private String host = "127.0.0.1";

  @Option(
      names = {"--kafka-port", "--port"},
      paramLabel = "N",
      description = "Port of the broker, 0 for any free one (default: 9092).")
  private int port = 9092;

  @Override
  public Integer call() {
    return Foreground.run(new Broker(data, host, port, spec.commandLine().getOut()));
  }

  private static final class Broker implements Foreground.Running {
    private final Path data;
    private final String host;
    private final int port;
    private final PrintWriter out;
    private @Nullable DataFolder folder;
    private @Nullable EmbeddedBroker broker;

    Broker(Path data, String host, int port, PrintWriter out) {
      this.data = data;
      this.host = host;
      this.port = port;
      this.out = out;
    }

    @Override
    public synchronized void start() {
      folder = DataFolder.take(data);
      broker = new EmbeddedBroker(folder.part("kafka"), host, port).start();
      out.println("ready kafka " + broker.bootstrapServers());
      out.flush();
    }

    @Override
    public synchronized void close() {
      if (broker != null) {
        broker.close();
      }
      if (folder != null) {
        folder.close();
      }
    }
  }
}
