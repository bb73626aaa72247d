package dev.sluice.deploy.cli;

import dev.sluice.contract.serde.RecordSerdes;
import dev.sluice.contract.topic.Topic;
import dev.sluice.runtime.config.ConfigInput.Demand;
import dev.sluice.runtime.config.KafkaSettings;
import dev.sluice.runtime.config.ServerConfig;
import dev.sluice.runtime.kafka.KafkaClients;
import dev.sluice.runtime.registry.LogSchemaRegistry;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// Where the log is, for commands that read or write it themselves.
final class LogOptions {
  private static final int ANSWER_MILLIS = 5_000;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = {"--kafka"},
      paramLabel = "HOST:PORT",
      description = "Kafka (SLUICE_KAFKA, default: that of the file, else 127.0.0.1:9092).")
  private @Nullable String kafka;

  @Option(
      names = {"-c", "--config"},
      paramLabel = "FILE",
      description =
          "Configuration file, where Kafka's clients need more, such as credentials, or"
              + " server.registry names a registry.")
  private @Nullable Path file;

  /// The log, reached, with the clients and serdes to use it.
  record OpenLog(ServerConfig config, KafkaClients kafka, RecordSerdes serdes)
      implements AutoCloseable {
    @Override
    public void close() {
      serdes.close();
    }
  }

  /// @param needed topics without which the command makes no sense
  OpenLog open(List<Topic> needed) {
    ServerConfig config = config();
    KafkaClients clients =
        new KafkaClients(config.kafka().bootstrapServers(), config.kafka().properties());
    Set<String> present = topics(clients);
    for (Topic topic : needed) {
      if (!present.contains(topic.name())) {
        throw new CommandFailure(
            ExitCode.ENVIRONMENT,
            "Kafka at %s has no topic %s: start this version of Sluice on it, or give --kafka"
                .formatted(clients.bootstrapServers(), topic.name()));
      }
    }
    RecordSerdes serdes =
        config
            .registry()
            .map(RecordSerdes::from)
            .orElseGet(() -> RecordSerdes.over(LogSchemaRegistry.open(clients)));
    return new OpenLog(config, clients, serdes);
  }

  /// What the file says, with the Kafka that was given.
  ServerConfig config() {
    ServerConfig config =
        file == null
            ? ServerConfig.DEFAULT
            : ConfigSource.load(Optional.of(file), Map.of(), Demand.SERVER, spec).server();
    return kafka == null
        ? config
        : config.withKafka(new KafkaSettings(kafka, config.kafka().properties()));
  }

  private static Set<String> topics(KafkaClients clients) {
    try (Admin admin = clients.admin("sluice-cli")) {
      // The limit is the request's own: closing the client waits for what is still under way.
      return admin.listTopics(new ListTopicsOptions().timeoutMs(ANSWER_MILLIS)).names().get();
    } catch (ExecutionException e) {
      throw new CommandFailure(
          ExitCode.ENVIRONMENT,
          "no Kafka answers at %s: start Sluice with `sluice up`, or give --kafka"
              .formatted(clients.bootstrapServers()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandFailure(ExitCode.FAILED, "interrupted");
    }
  }
}
