package dev.sluice.deploy;

import dev.sluice.runtime.kafka.KafkaClients;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.kafka.KafkaContainer;

/// The same contract on a broker as others run it, wherever a container engine answers.
class ContainerBrokerIT implements BrokerContract {
  private static final String IMAGE =
      Optional.ofNullable(System.getenv("SLUICE_KAFKA_IMAGE")).orElse("apache/kafka:4.3.1");

  private static KafkaContainer container;

  @BeforeAll
  static void startContainer() {
    Optional<String> noEngine = whyNoEngine();
    if (noEngine.isPresent()) {
      String line = "broker contract on a container: not run, " + noEngine.get();
      System.out.println(line);
      Assumptions.abort(line);
    }
    container =
        new KafkaContainer(IMAGE)
            .withEnv("KAFKA_GROUP_SHARE_MIN_HEARTBEAT_INTERVAL_MS", "500")
            .withEnv("KAFKA_GROUP_SHARE_HEARTBEAT_INTERVAL_MS", "500")
            .withEnv("KAFKA_LOG_CLEANER_BACKOFF_MS", "5000")
            .withEnv("KAFKA_SHARE_COORDINATOR_STATE_TOPIC_REPLICATION_FACTOR", "1")
            .withEnv("KAFKA_SHARE_COORDINATOR_STATE_TOPIC_MIN_ISR", "1");
    container.start();
  }

  private static Optional<String> whyNoEngine() {
    try {
      DockerClientFactory.instance().client();
      return Optional.empty();
    } catch (IllegalStateException e) {
      return Optional.of(
          "no Docker engine answers: " + e.getMessage().lines().findFirst().orElse(""));
    }
  }

  @AfterAll
  static void stopContainer() {
    if (container != null) {
      container.stop();
    }
  }

  @Override
  public KafkaClients clients() {
    return new KafkaClients(container.getBootstrapServers(), Map.of());
  }
}
