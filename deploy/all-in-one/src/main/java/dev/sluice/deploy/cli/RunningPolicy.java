package dev.sluice.deploy.cli;

import dev.sluice.contract.serde.RecordSerdes;
import dev.sluice.contract.topic.Topics;
import dev.sluice.deploy.ServiceKind;
import dev.sluice.runtime.config.ConfigInput.Demand;
import dev.sluice.runtime.config.Configuration;
import dev.sluice.runtime.config.ServerConfig;
import dev.sluice.runtime.kafka.KafkaClients;
import dev.sluice.runtime.policy.PolicyPublisher;
import dev.sluice.runtime.registry.LogSchemaRegistry;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import picocli.CommandLine.Model.CommandSpec;

/// The policy of the cluster that a file's `server.kafka` names.
final class RunningPolicy {

  private RunningPolicy() {}

  /// Does something with a file and the publisher of its cluster's policy.
  ///
  /// @throws CommandFailure when the file is wrong or Kafka cannot be used
  static <T> T with(
      Path file, CommandSpec spec, BiFunction<Configuration, PolicyPublisher, T> work) {
    Configuration configuration = ConfigSource.load(Optional.of(file), Map.of(), Demand.NONE, spec);
    ServerConfig server = configuration.server();
    KafkaClients kafka =
        new KafkaClients(server.kafka().bootstrapServers(), server.kafka().properties());
    try (Admin admin = kafka.admin("sluice-policy")) {
      ServiceKind.topics(server).create(admin, List.of(Topics.SCHEMAS, Topics.POLICY));
    } catch (KafkaException e) {
      throw new CommandFailure(
          ExitCode.ENVIRONMENT,
          "Kafka at %s cannot be used: %s; correct server.kafka, or start it"
              .formatted(kafka.bootstrapServers(), e.getMessage()));
    }
    try (RecordSerdes serdes = serdes(server, kafka)) {
      return work.apply(
          configuration, new PolicyPublisher(server.kafka(), serdes, Clock.systemUTC()));
    }
  }

  private static RecordSerdes serdes(ServerConfig server, KafkaClients kafka) {
    return server
        .registry()
        .map(RecordSerdes::from)
        .orElseGet(() -> RecordSerdes.over(LogSchemaRegistry.open(kafka)));
  }
}
