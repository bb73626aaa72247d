package dev.sluice.deploy;

import dev.sluice.contract.topic.Topic;
import dev.sluice.runtime.kafka.KafkaClients;
import dev.sluice.runtime.kafka.TopicCreator;
import dev.sluice.testkit.serde.MemorySchemaRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// A real broker for tests: `@RegisterExtension static final BrokerExtension BROKER`. [#shared()]
/// is one broker for all classes of a test run, for tests that make their own topic and group
/// names; [#fresh()] is a new one for the class, for tests of whole services, whose topics have
/// fixed names.
public final class BrokerExtension implements BeforeAllCallback, AfterAllCallback {
  private static final ExtensionContext.Namespace NAMESPACE =
      ExtensionContext.Namespace.create(BrokerExtension.class);

  private final boolean shared;
  private final MemorySchemaRegistry registry = new MemorySchemaRegistry();
  private Running running;

  private BrokerExtension(boolean shared) {
    this.shared = shared;
  }

  public static BrokerExtension shared() {
    return new BrokerExtension(true);
  }

  public static BrokerExtension fresh() {
    return new BrokerExtension(false);
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    running =
        shared
            ? context
                .getRoot()
                .getStore(NAMESPACE)
                .getOrComputeIfAbsent(Running.class, _ -> new Running(), Running.class)
            : new Running();
  }

  @Override
  public void afterAll(ExtensionContext context) {
    if (!shared) {
      running.close();
    }
  }

  public String bootstrapServers() {
    return running.broker.bootstrapServers();
  }

  public KafkaClients clients() {
    return new KafkaClients(bootstrapServers(), Map.of());
  }

  public MemorySchemaRegistry registry() {
    return registry;
  }

  /// Creates topics with one partition for the router, two for replies, one for metering.
  public void createTopics(Collection<Topic> topics) {
    try (Admin admin = clients().admin("test-topics")) {
      new TopicCreator(1, 2, 1, Optional.empty()).create(admin, topics);
    }
  }

  /// Stops the broker and starts it again on the same folder, on another port.
  public void restart() {
    running.broker.close();
    running.broker.start();
  }

  private static final class Running implements AutoCloseable {
    final Path folder;
    final EmbeddedBroker broker;

    Running() {
      try {
        folder = Files.createTempDirectory("sluice-broker");
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      broker = new EmbeddedBroker(folder, "127.0.0.1", 0).start();
    }

    @Override
    public void close() {
      broker.close();
      deleteTree(folder);
    }
  }

  static void deleteTree(Path root) {
    try {
      Files.walkFileTree(root, new Deletion());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static final class Deletion extends SimpleFileVisitor<Path> {
    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
      Files.deleteIfExists(file);
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException failure) {
      // Kafka's background deletion was faster.
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path folder, IOException failure) throws IOException {
      Files.deleteIfExists(folder);
      return FileVisitResult.CONTINUE;
    }
  }
}
