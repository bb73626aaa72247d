package dev.sluice.runtime.policy;

import dev.sluice.contract.avro.PolicySnapshot;
import dev.sluice.contract.codec.PolicyDocument;
import dev.sluice.contract.model.Policy;
import dev.sluice.contract.serde.RecordSerdes;
import dev.sluice.contract.topic.Topics;
import dev.sluice.runtime.config.KafkaSettings;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.Serde;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Puts a policy in force for the whole cluster, as its next version.
///
/// Reading the last version and writing the next is one step: the transactional id is one for all
/// publishers, so of two at the same time the later one fences the earlier, which then fails
/// instead of overwriting. Not for use by several threads.
public final class PolicyPublisher {
  private static final Logger LOG = LoggerFactory.getLogger(PolicyPublisher.class);
  private static final Duration ENOUGH = Duration.ofSeconds(30);
  private static final Duration POLL = Duration.ofMillis(200);

  private final Supplier<Consumer<String, byte[]>> consumers;
  private final Supplier<Producer<String, byte[]>> producers;
  private final Serde<PolicySnapshot> serde;
  private final Clock clock;

  public PolicyPublisher(KafkaSettings kafka, RecordSerdes serdes, Clock clock) {
    this(
        () -> PolicyTopic.shortReader(kafka.toClientProperties()),
        () -> PolicyTopic.producer(kafka),
        serdes,
        clock);
  }

  PolicyPublisher(
      Supplier<Consumer<String, byte[]>> consumers,
      Supplier<Producer<String, byte[]>> producers,
      RecordSerdes serdes,
      Clock clock) {
    this.consumers = consumers;
    this.producers = producers;
    this.serde = PolicyTopic.serde(serdes);
    this.clock = clock;
  }

  /// Publishes the policy that a start brings, unless a start has published the same one last.
  ///
  /// @throws org.apache.kafka.common.KafkaException when Kafka cannot be asked, or another
  ///   publisher came in between
  public PublishOutcome publishFile(Policy policy) {
    return publish(policy, PublishRule::ofFile);
  }

  /// Publishes a policy unless it is in force.
  ///
  /// @throws org.apache.kafka.common.KafkaException as above
  public PublishOutcome apply(Policy policy) {
    return publish(policy, PublishRule::ofApply);
  }

  /// The policy in force, read now; [Policy#EMPTY] when none has been published.
  public Policy inForce() {
    return readLast().policy();
  }

  private PublishOutcome publish(
      Policy policy, BiFunction<PublishRule.InForce, String, PublishRule.Decision> rule) {
    byte[] document = PolicyDocument.write(policy);
    String digest = PolicyDocument.digest(document);
    // Most starts change nothing: they are spared the transaction.
    return switch (rule.apply(readLast().inForce(), digest)) {
      case PublishRule.Decision.Leave(PublishOutcome because) -> because;
      case PublishRule.Decision.Write _ -> write(document, digest, rule);
    };
  }

  /// Decides again once all other publishers are fenced, and writes.
  private PublishOutcome write(
      byte[] document,
      String digest,
      BiFunction<PublishRule.InForce, String, PublishRule.Decision> rule) {
    try (var producer = producers.get()) {
      producer.initTransactions();
      return switch (rule.apply(readLast().inForce(), digest)) {
        case PublishRule.Decision.Leave(PublishOutcome because) -> because;
        case PublishRule.Decision.Write(long version, PolicyOrigin origin) -> {
          producer.beginTransaction();
          // Its failure is thrown by the commit.
          var _ = producer.send(record(document, version, origin));
          producer.commitTransaction();
          LOG.atInfo()
              .addKeyValue("version", version)
              .addKeyValue("source", origin.text())
              .log("policy published");
          yield new PublishOutcome.Published(version);
        }
      };
    }
  }

  private ProducerRecord<String, byte[]> record(
      byte[] document, long version, PolicyOrigin origin) {
    PolicySnapshot snapshot =
        PolicySnapshot.newBuilder()
            .setVersion(version)
            .setPublishedAt(Instant.now(clock))
            .setSource(origin.text())
            .setDocument(ByteBuffer.wrap(document))
            .build();
    String topic = Topics.POLICY.name();
    return new ProducerRecord<>(
        topic,
        PolicyTopic.PARTITION.partition(),
        PolicyTopic.KEY,
        serde.serializer().serialize(topic, snapshot));
  }

  private record Last(Policy policy, PublishRule.InForce inForce) {}

  /// Reads the partition to its end. A record that cannot be read is passed over, as the views do.
  private Last readLast() {
    var last = new Last(Policy.EMPTY, PublishRule.InForce.NOTHING);
    var partitions = List.of(PolicyTopic.PARTITION);
    long giveUpAt = System.nanoTime() + ENOUGH.toNanos();
    try (var consumer = consumers.get()) {
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      long end =
          Objects.requireNonNull(
              consumer.endOffsets(partitions, ENOUGH).get(PolicyTopic.PARTITION));
      while (consumer.position(PolicyTopic.PARTITION, ENOUGH) < end) {
        if (System.nanoTime() > giveUpAt) {
          throw new TimeoutException("the policy topic could not be read in " + ENOUGH);
        }
        for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
          last = newer(last, record);
        }
      }
    }
    return last;
  }

  private Last newer(Last last, ConsumerRecord<String, byte[]> record) {
    if (!PolicyTopic.KEY.equals(record.key()) || record.value() == null) {
      return last;
    }
    try {
      PolicySnapshot snapshot =
          Objects.requireNonNull(serde.deserializer().deserialize(record.topic(), record.value()));
      byte[] document = new byte[snapshot.getDocument().remaining()];
      snapshot.getDocument().duplicate().get(document);
      if (snapshot.getVersion() <= last.inForce().version()) {
        return last;
      }
      return new Last(
          PolicyDocument.read(document, snapshot.getVersion()),
          new PublishRule.InForce(
              snapshot.getVersion(),
              PolicyDocument.digest(document),
              PolicyOrigin.parse(snapshot.getSource())));
    } catch (SerializationException | IllegalArgumentException e) {
      LOG.atWarn()
          .addKeyValue("offset", record.offset())
          .setCause(e)
          .log("policy record cannot be used, publishing over it");
      return last;
    }
  }
}
