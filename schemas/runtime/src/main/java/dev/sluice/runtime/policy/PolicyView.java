package dev.sluice.runtime.policy;

import dev.sluice.contract.avro.PolicySnapshot;
import dev.sluice.contract.codec.PolicyDocument;
import dev.sluice.contract.model.Policy;
import dev.sluice.contract.serde.RecordSerdes;
import dev.sluice.contract.topic.Topics;
import dev.sluice.runtime.kafka.ConsumerThread;
import dev.sluice.runtime.kafka.KafkaClients;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serde;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The policy in force, as this process has read it from its topic: what every service decides by.
///
/// One thread owns the consumer and follows the topic for as long as the view lives; a broker that
/// is away means only that the policy stays as it was. A record that cannot be used is counted and
/// logged, and the policy stays as it was too. Everything else may be called by any thread.
public final class PolicyView implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PolicyView.class);
  private static final Duration POLL = Duration.ofSeconds(1);

  private final ConsumerThread<org.apache.kafka.clients.consumer.Consumer<String, byte[]>> reader;
  private final Serde<PolicySnapshot> serde;
  private final Counter rejected;
  private final List<Consumer<Policy>> listeners = new CopyOnWriteArrayList<>();
  private final CountDownLatch first = new CountDownLatch(1);

  private volatile Policy current = Policy.EMPTY;

  public PolicyView(KafkaClients kafka, RecordSerdes serdes, MeterRegistry meters) {
    this(() -> PolicyTopic.consumer(kafka.settings()), serdes, meters);
  }

  PolicyView(
      Supplier<org.apache.kafka.clients.consumer.Consumer<String, byte[]>> consumers,
      RecordSerdes serdes,
      MeterRegistry meters) {
    this.reader = new ConsumerThread<>("sluice-policy-view", consumers, this::follow);
    this.serde = PolicyTopic.serde(serdes);
    this.rejected =
        Counter.builder("sluice.policy.rejected")
            .description("policy records that could not be used")
            .register(meters);
    Gauge.builder("sluice.policy.version", this, view -> (double) view.current.version())
        .description("version of the policy in force in this process")
        .register(meters);
  }

  /// Begins to read. A second call does nothing.
  public void start() {
    reader.start();
  }

  /// The policy in force; [Policy#EMPTY] until the first has been read.
  public Policy current() {
    return current;
  }

  /// Waits for a policy, however many have been published; empty when none came in time.
  public Optional<Policy> awaitFirst(Duration longest) throws InterruptedException {
    boolean came = first.await(longest.toNanos(), TimeUnit.NANOSECONDS);
    return came ? Optional.of(current) : Optional.empty();
  }

  /// Calls a listener after each change, on the view's own thread: it must be quick. The policy
  /// that is in force already is not announced.
  public void onChange(Consumer<Policy> listener) {
    listeners.add(listener);
  }

  private void follow(org.apache.kafka.clients.consumer.Consumer<String, byte[]> consumer) {
    consumer.assign(List.of(PolicyTopic.PARTITION));
    consumer.seekToBeginning(List.of(PolicyTopic.PARTITION));
    while (!reader.stopping()) {
      for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
        take(record);
      }
    }
  }

  private void take(ConsumerRecord<String, byte[]> record) {
    if (!PolicyTopic.KEY.equals(record.key()) || record.value() == null) {
      return;
    }
    try {
      PolicySnapshot snapshot =
          Objects.requireNonNull(
              serde.deserializer().deserialize(Topics.POLICY.name(), record.value()));
      byte[] document = new byte[snapshot.getDocument().remaining()];
      snapshot.getDocument().duplicate().get(document);
      if (snapshot.getVersion() > current.version()) {
        change(PolicyDocument.read(document, snapshot.getVersion()), snapshot.getSource());
      }
    } catch (SerializationException | IllegalArgumentException e) {
      rejected.increment();
      LOG.atWarn()
          .addKeyValue("offset", record.offset())
          .setCause(e)
          .log("policy record cannot be used, the policy stays as it was");
    }
  }

  private void change(Policy policy, String source) {
    current = policy;
    first.countDown();
    LOG.atInfo()
        .addKeyValue("version", policy.version())
        .addKeyValue("source", source)
        .log("policy in force");
    for (Consumer<Policy> listener : listeners) {
      try {
        listener.accept(policy);
      } catch (RuntimeException e) {
        rejected.increment();
        LOG.atError().setCause(e).log("a listener failed on a new policy");
      }
    }
  }

  /// Stops reading; the policy stays readable.
  @Override
  public void close() {
    reader.close();
  }
}
