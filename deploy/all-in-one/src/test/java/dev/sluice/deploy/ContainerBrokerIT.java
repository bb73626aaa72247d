package dev.sluice.deploy;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.exception.NotFoundException;
import dev.sluice.runtime.kafka.KafkaClients;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.utils.AppInfoParser;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.kafka.KafkaContainer;
import org.testcontainers.utility.DockerImageName;

/// The same contract on a broker as others run it, wherever a container engine answers and has or
/// can pull the image. `deploy/images/with-engine` sees to both.
class ContainerBrokerIT implements BrokerContract {
  private static final DockerImageName IMAGE =
      DockerImageName.parse(
              Optional.ofNullable(System.getenv("SLUICE_KAFKA_IMAGE"))
                  .orElse("apache/kafka:" + AppInfoParser.getVersion()))
          .asCompatibleSubstituteFor("apache/kafka");
  private static final int PULL_LIMIT_SECONDS = 300;

  private static KafkaContainer container;

  @BeforeAll
  static void startContainer() throws InterruptedException {
    Optional<String> obstacle = whyNot();
    if (obstacle.isPresent()) {
      String line = "broker contract on a container: not run, " + obstacle.get();
      System.out.println(line);
      Assumptions.abort(line);
    }
    container =
        new KafkaContainer(IMAGE)
            .withEnv("KAFKA_SHARE_COORDINATOR_STATE_TOPIC_REPLICATION_FACTOR", "1")
            .withEnv("KAFKA_SHARE_COORDINATOR_STATE_TOPIC_MIN_ISR", "1");
    container.start();
  }

  private static Optional<String> whyNot() throws InterruptedException {
    DockerClient engine;
    try {
      engine = DockerClientFactory.instance().client();
    } catch (RuntimeException e) {
      return Optional.of("no Docker engine answers: " + firstLine(e));
    }
    try {
      engine.inspectImageCmd(IMAGE.asCanonicalNameString()).exec();
      return Optional.empty();
    } catch (NotFoundException _) {
      return whyNotPulled(engine);
    }
  }

  /// Testcontainers would try for two minutes, and fail the tests.
  private static Optional<String> whyNotPulled(DockerClient engine) throws InterruptedException {
    String image = IMAGE.asCanonicalNameString();
    try {
      boolean pulled =
          engine
              .pullImageCmd(IMAGE.getUnversionedPart())
              .withTag(IMAGE.getVersionPart())
              .start()
              .awaitCompletion(PULL_LIMIT_SECONDS, TimeUnit.SECONDS);
      return pulled
          ? Optional.empty()
          : Optional.of("image %s was not pulled within %d s".formatted(image, PULL_LIMIT_SECONDS));
    } catch (RuntimeException e) {
      return Optional.of("image %s cannot be pulled: %s".formatted(image, firstLine(e)));
    }
  }

  private static String firstLine(RuntimeException e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
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
