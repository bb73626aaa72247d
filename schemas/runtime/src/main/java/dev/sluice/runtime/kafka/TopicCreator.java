package dev.sluice.runtime.kafka;

import dev.sluice.contract.topic.Topic;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.TopicExistsException;

/// Creates topics as [Topics] describes them. Idempotent: what exists is left as it is.
///
/// @param router partitions of the router's input, 1..4096
/// @param reply partitions of events, results and inbox, 1..4096
/// @param metering partitions of ledger and costs
/// @param replication copies of each partition; empty for the broker's default
public record TopicCreator(int router, int reply, int metering, Optional<Short> replication) {
  private static final long TIMEOUT_SECONDS = 30;

  /// Creates those of the topics that are missing.
  ///
  /// @throws KafkaException when the broker refuses or cannot be reached
  public void create(Admin admin, Collection<Topic> topics) {
    try {
      Set<String> existing = admin.listTopics().names().get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
      List<NewTopic> missing = new ArrayList<>();
      for (Topic topic : topics) {
        if (!existing.contains(topic.name())) {
          missing.add(
              new NewTopic(topic.name(), Optional.of(partitions(topic)), replication)
                  .configs(topic.settings()));
        }
      }
      if (missing.isEmpty()) {
        return;
      }
      for (var created : admin.createTopics(missing).values().values()) {
        awaitCreated(created);
      }
    } catch (ExecutionException | TimeoutException e) {
      throw new KafkaException("could not create topics: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KafkaException("interrupted while creating topics", e);
    }
  }

  private static void awaitCreated(org.apache.kafka.common.KafkaFuture<Void> created)
      throws InterruptedException, ExecutionException, TimeoutException {
    try {
      created.get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      // Another process was faster.
      if (!(e.getCause() instanceof TopicExistsException)) {
        throw e;
      }
    }
  }

  private int partitions(Topic topic) {
    return switch (topic.partitions()) {
      case ROUTER -> router;
      case REPLY -> reply;
      case METERING -> metering;
      case ONE -> 1;
    };
  }
}
