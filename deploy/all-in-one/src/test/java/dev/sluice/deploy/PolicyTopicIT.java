package dev.sluice.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.model.Policy;
import dev.sluice.contract.serde.RecordSerdes;
import dev.sluice.contract.topic.Topics;
import dev.sluice.runtime.config.BuiltInPolicy;
import dev.sluice.runtime.config.KafkaSettings;
import dev.sluice.runtime.policy.PolicyPublisher;
import dev.sluice.runtime.policy.PolicyView;
import dev.sluice.runtime.policy.PublishOutcome;
import dev.sluice.testkit.serde.MemorySchemaRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.KafkaException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The policy on a real broker. Versions only grow, so no test depends on what ran before it.
@Timeout(60)
@InThisJvm
class PolicyTopicIT {
  private static final int RIVALS = 4;

  @RegisterExtension static final BrokerExtension BROKER = BrokerExtension.fresh();

  private static final RecordSerdes SERDES = RecordSerdes.over(new MemorySchemaRegistry());

  @BeforeEach
  void createTopic() {
    BROKER.createTopics(List.of(Topics.POLICY));
  }

  @Test
  void reachesAViewThatWasThereBeforeAndOneThatComesAfter() throws InterruptedException {
    BlockingQueue<Policy> changes = new LinkedBlockingQueue<>();
    try (var early = view()) {
      early.start();
      early.onChange(changes::add);

      long version = publisher().apply(policy("reaches")).version();

      Policy seen = changes.poll(20, TimeUnit.SECONDS);
      while (seen != null && seen.version() < version) {
        seen = changes.poll(20, TimeUnit.SECONDS);
      }
      assertEquals(version, seen == null ? -1 : seen.version());
      assertEquals(policy("reaches").pools(), early.current().pools());
    }
    try (var late = view()) {
      late.start();
      assertTrue(late.awaitFirst(Duration.ofSeconds(20)).isPresent());
    }
  }

  @Test
  void publishesAFileOnceAndLetsApplyWinUntilItChanges() {
    long first = publisher().publishFile(policy("file")).version();

    assertEquals(new PublishOutcome.Unchanged(first), publisher().publishFile(policy("file")));
    assertEquals(new PublishOutcome.Published(first + 1), publisher().apply(policy("applied")));
    assertEquals(
        new PublishOutcome.KeptApplied(first + 1), publisher().publishFile(policy("file")));
    assertEquals(
        new PublishOutcome.Published(first + 2), publisher().publishFile(policy("changed")));
    assertEquals(policy("changed").pools(), publisher().inForce().pools());
  }

  @Test
  void givesNoVersionTwiceWhenSeveralPublishAtOnce() throws InterruptedException {
    Queue<Long> versions = new ConcurrentLinkedQueue<>();
    long before = publisher().inForce().version();
    List<Thread> rivals = new ArrayList<>();
    for (int i = 0; i < RIVALS; i++) {
      Policy own = policy("rival-" + i);
      rivals.add(Thread.ofPlatform().start(() -> publish(own, versions)));
    }
    for (Thread rival : rivals) {
      rival.join();
    }

    assertFalse(versions.isEmpty(), "the last to begin is fenced by nobody");
    assertEquals(versions.size(), versions.stream().distinct().count(), versions.toString());
    // One that was fenced while it committed may have published without knowing it.
    assertTrue(publisher().inForce().version() >= before + versions.size(), versions.toString());
  }

  private void publish(Policy policy, Queue<Long> versions) {
    try {
      versions.add(publisher().apply(policy).version());
    } catch (KafkaException fencedByAnother) {
      assertTrue(fencedByAnother.getMessage() != null);
    }
  }

  private PolicyView view() {
    return new PolicyView(BROKER.clients(), SERDES, new SimpleMeterRegistry());
  }

  private PolicyPublisher publisher() {
    return new PolicyPublisher(
        KafkaSettings.at(BROKER.bootstrapServers()), SERDES, Clock.systemUTC());
  }

  private static Policy policy(String host) {
    return BuiltInPolicy.upstream(URI.create("http://" + host + "/v1"), false);
  }
}
