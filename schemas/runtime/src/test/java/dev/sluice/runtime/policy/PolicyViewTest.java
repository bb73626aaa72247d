package dev.sluice.runtime.policy;

import static dev.sluice.runtime.policy.PolicyRecords.holding;
import static dev.sluice.runtime.policy.PolicyRecords.policy;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.model.Policy;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.KafkaException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class PolicyViewTest {
  private static final Duration LONG = Duration.ofSeconds(10);
  private static final PolicyOrigin FILE = new PolicyOrigin(false, "sha256:1");

  private final PolicyRecords records = new PolicyRecords();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final BlockingQueue<Policy> changes = new LinkedBlockingQueue<>();

  @Test
  void holdsTheEmptyPolicyUntilOneIsRead() throws InterruptedException {
    try (var view = view(holding())) {
      view.start();

      assertEquals(Optional.empty(), view.awaitFirst(Duration.ofMillis(20)));
      assertEquals(Policy.EMPTY, view.current());
    }
  }

  @Test
  void takesThePolicyFromItsTopic() throws InterruptedException {
    try (var view = view(holding(records.snapshot(3, FILE, policy("a"))))) {
      view.start();

      Policy first = view.awaitFirst(LONG).orElseThrow();

      assertEquals(3, first.version());
      assertEquals(policy("a").models(), first.models());
      assertEquals(first, view.current());
      assertEquals(3, meters.get("sluice.policy.version").gauge().value());
    }
  }

  @Test
  void tellsItsListenersOfEachNewerVersionOnly() throws InterruptedException {
    var consumer =
        holding(
            records.snapshot(3, FILE, policy("a")),
            records.snapshot(2, FILE, policy("old")),
            records.snapshot(3, FILE, policy("again")),
            records.snapshot(4, FILE, policy("b")));
    try (var view = view(consumer)) {
      view.start();

      assertEquals(policy("a").models(), nextChange().models());
      assertEquals(policy("b").models(), nextChange().models());
      assertEquals(4, view.current().version());
    }
  }

  @Test
  void staysAsItWasWhenARecordCannotBeUsed() throws InterruptedException {
    var consumer =
        holding(
            records.snapshot(1, FILE, policy("a")),
            new byte[] {9, 9, 9},
            records.snapshot(2, FILE, policy("b")));
    try (var view = view(consumer)) {
      view.start();

      assertEquals(1, nextChange().version());
      assertEquals(2, nextChange().version());
      assertEquals(1, meters.get("sluice.policy.rejected").counter().count());
    }
  }

  @Test
  void beginsAgainAfterKafkaFailed() throws InterruptedException {
    var broken = new MockConsumer<String, byte[]>("earliest");
    broken.setPollException(new KafkaException("not authorized"));
    MockConsumer<String, byte[]> good = holding(records.snapshot(1, FILE, policy("a")));
    try (var view = view(List.of(broken, good))) {
      view.start();

      assertEquals(1, view.awaitFirst(LONG).orElseThrow().version());
    }
  }

  @Test
  void goesOnWhenAListenerFails() throws InterruptedException {
    var consumer =
        holding(records.snapshot(1, FILE, policy("a")), records.snapshot(2, FILE, policy("b")));
    try (var view = new PolicyView(() -> consumer, records.serdes, meters)) {
      view.onChange(_ -> {
        throw new IllegalStateException("a listener's own fault");
      });
      view.onChange(changes::add);
      view.start();

      assertEquals(1, nextChange().version());
      assertEquals(2, nextChange().version());
    }
  }

  @Test
  void canBeClosedTwiceAndBeforeItsStart() {
    var consumer = holding();
    var view = view(consumer);
    view.close();
    view.start();
    view.close();

    assertEquals(Policy.EMPTY, view.current());
  }

  @Test
  void closesItsConsumer() throws InterruptedException {
    MockConsumer<String, byte[]> consumer = holding(records.snapshot(1, FILE, policy("a")));
    var view = view(consumer);
    view.start();
    assertTrue(view.awaitFirst(LONG).isPresent());

    view.close();

    assertTrue(consumer.closed());
  }

  private PolicyView view(Consumer<String, byte[]> consumer) {
    return view(List.of(consumer));
  }

  private PolicyView view(List<? extends Consumer<String, byte[]>> consumers) {
    var left = new ArrayDeque<Consumer<String, byte[]>>(consumers);
    var view =
        new PolicyView(() -> left.size() > 1 ? left.poll() : left.peek(), records.serdes, meters);
    view.onChange(changes::add);
    return view;
  }

  private Policy nextChange() throws InterruptedException {
    Policy change = changes.poll(LONG.toSeconds(), TimeUnit.SECONDS);
    assertTrue(change != null, "no change came");
    return change;
  }
}
