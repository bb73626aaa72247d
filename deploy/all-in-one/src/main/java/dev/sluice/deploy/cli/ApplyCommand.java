package dev.sluice.deploy.cli;

import dev.sluice.contract.serde.RecordSerdes;
import dev.sluice.contract.topic.Topics;
import dev.sluice.deploy.ServiceKind;
import dev.sluice.runtime.config.ConfigInput.Demand;
import dev.sluice.runtime.config.Configuration;
import dev.sluice.runtime.config.ServerConfig;
import dev.sluice.runtime.kafka.KafkaClients;
import dev.sluice.runtime.policy.PolicyPublisher;
import dev.sluice.runtime.policy.PublishOutcome;
import dev.sluice.runtime.registry.LogSchemaRegistry;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `sluice apply`: puts the policy part of a file in force on a running cluster, and is how a
/// cluster of single services gets its first one.
@Command(name = "apply", description = "Publish the policy part of a file to a running cluster.")
final class ApplyCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = {"-c", "--config"},
      paramLabel = "FILE",
      required = true,
      description = "Configuration file; its `server.kafka` says where to publish.")
  private Path file = Path.of("");

  @Override
  public Integer call() {
    Configuration configuration = ConfigSource.load(Optional.of(file), Map.of(), Demand.NONE, spec);
    ServerConfig server = configuration.server();
    KafkaClients kafka =
        new KafkaClients(server.kafka().bootstrapServers(), server.kafka().properties());
    try (Admin admin = kafka.admin("sluice-apply")) {
      ServiceKind.topics(server).create(admin, List.of(Topics.SCHEMAS, Topics.POLICY));
    } catch (KafkaException e) {
      throw new CommandFailure(
          ExitCode.ENVIRONMENT,
          "Kafka at %s cannot be used: %s; correct server.kafka, or start it"
              .formatted(kafka.bootstrapServers(), e.getMessage()));
    }
    try (RecordSerdes serdes = serdes(server, kafka)) {
      PublishOutcome outcome =
          new PolicyPublisher(server.kafka(), serdes, Clock.systemUTC())
              .apply(configuration.policy());
      PrintWriter out = spec.commandLine().getOut();
      out.println(
          switch (outcome) {
            case PublishOutcome.Published published ->
                "policy version " + published.version() + " is in force";
            case PublishOutcome.Unchanged same ->
                "policy version " + same.version() + " is in force already";
            case PublishOutcome.KeptApplied kept ->
                "policy version " + kept.version() + " stays in force";
          });
      out.flush();
    }
    return ExitCode.DONE.number();
  }

  private static RecordSerdes serdes(ServerConfig server, KafkaClients kafka) {
    return server
        .registry()
        .map(RecordSerdes::from)
        .orElseGet(() -> RecordSerdes.over(LogSchemaRegistry.open(kafka)));
  }
}
