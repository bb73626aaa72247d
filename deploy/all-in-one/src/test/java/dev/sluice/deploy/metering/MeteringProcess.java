package dev.sluice.deploy.metering;

import dev.sluice.contract.serde.PortableSchema;
import dev.sluice.contract.serde.RecordSerdes;
import dev.sluice.contract.topic.Topics;
import dev.sluice.metering.MeteringConfig;
import dev.sluice.metering.MeteringService;
import dev.sluice.runtime.config.SecretSource;
import dev.sluice.runtime.kafka.KafkaClients;
import dev.sluice.runtime.lifecycle.ServiceContext;
import dev.sluice.runtime.policy.PolicyView;
import dev.sluice.testkit.serde.MemorySchemaRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;

/// Metering as a process of its own, so that a test can kill it as `kill -9` does.
final class MeteringProcess implements AutoCloseable {
  private final Process process;

  private MeteringProcess(Process process) {
    this.process = process;
  }

  static MeteringProcess start(String bootstrapServers, Path state) throws IOException {
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx256m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            MeteringProcess.class.getName(),
            bootstrapServers,
            state.toString());
    return new MeteringProcess(
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start());
  }

  /// Kills it as `kill -9` does, and returns when it is dead.
  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }

  public static void main(String[] args) throws InterruptedException {
    service(args[0], Path.of(args[1])).start();
    new CountDownLatch(1).await();
  }

  static MeteringService service(String bootstrapServers, Path state) {
    return service(bootstrapServers, state, serdes());
  }

  static MeteringService service(String bootstrapServers, Path state, RecordSerdes serdes) {
    var meters = new SimpleMeterRegistry();
    var kafka = new KafkaClients(bootstrapServers, Map.of());
    return new MeteringService(
        MeteringConfig.DEFAULT,
        new ServiceContext(
            UUID.randomUUID().toString(),
            kafka,
            serdes,
            new PolicyView(kafka, serdes, meters),
            SecretSource.of(Map.of()),
            meters,
            Clock.systemUTC(),
            state));
  }

  /// Serdes that give the same schema ids in every process of the test.
  static RecordSerdes serdes() {
    var registry = new MemorySchemaRegistry();
    Topics.documented()
        .forEach(topic -> registry.register(topic.name(), PortableSchema.of(topic.schema())));
    return RecordSerdes.over(registry);
  }
}
