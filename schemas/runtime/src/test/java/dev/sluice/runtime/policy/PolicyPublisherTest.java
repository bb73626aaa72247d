package dev.sluice.runtime.policy;

import static dev.sluice.runtime.policy.PolicyRecords.holding;
import static dev.sluice.runtime.policy.PolicyRecords.policy;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.avro.PolicySnapshot;
import dev.sluice.contract.codec.PolicyDocument;
import dev.sluice.contract.model.Policy;
import dev.sluice.contract.topic.Topics;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;

class PolicyPublisherTest {
  private static final Instant NOW = Instant.parse("2026-11-21T10:00:00Z");

  private final PolicyRecords records = new PolicyRecords();
  private final MockProducer<String, byte[]> producer =
      new MockProducer<>(true, null, new StringSerializer(), new ByteArraySerializer());

  @Test
  void publishesTheFirstPolicyAsVersionOne() {
    PublishOutcome outcome = publisher().publishFile(policy("a"));

    assertEquals(new PublishOutcome.Published(1), outcome);
    assertTrue(producer.transactionCommitted());
    PolicySnapshot written = written();
    assertEquals(1, written.getVersion());
    assertEquals(NOW, written.getPublishedAt());
    assertEquals(
        "file " + PolicyDocument.digest(PolicyDocument.write(policy("a"))), written.getSource());
    assertEquals(
        policy("a").models(), PolicyDocument.read(written.getDocument().array(), 1).models());
  }

  @Test
  void writesNothingWhenTheFileIsAsItWas() {
    byte[] last = records.snapshot(5, new PolicyOrigin(false, digest("a")), policy("a"));

    assertEquals(new PublishOutcome.Unchanged(5), publisher(last).publishFile(policy("a")));
    assertEquals(0, producer.history().size());
  }

  @Test
  void keepsWhatWasAppliedUntilTheFileChanges() {
    byte[] file = records.snapshot(5, new PolicyOrigin(false, digest("a")), policy("a"));
    byte[] applied = records.snapshot(6, new PolicyOrigin(true, digest("a")), policy("x"));

    assertEquals(
        new PublishOutcome.KeptApplied(6), publisher(file, applied).publishFile(policy("a")));
    assertEquals(0, producer.history().size());
  }

  @Test
  void publishesAChangedFileOverWhatWasApplied() {
    byte[] applied = records.snapshot(6, new PolicyOrigin(true, digest("a")), policy("x"));

    assertEquals(new PublishOutcome.Published(7), publisher(applied).publishFile(policy("b")));
  }

  @Test
  void appliesOverAnythingElse() {
    byte[] file = records.snapshot(5, new PolicyOrigin(false, digest("a")), policy("a"));

    assertEquals(new PublishOutcome.Published(6), publisher(file).apply(policy("x")));
    assertEquals("apply after " + digest("a"), written().getSource());
  }

  @Test
  void publishesOverARecordThatCannotBeUsed() {
    byte[] good = records.snapshot(5, new PolicyOrigin(false, digest("a")), policy("a"));

    assertEquals(
        new PublishOutcome.Published(6),
        publisher(good, new byte[] {1, 2, 3}).publishFile(policy("b")));
  }

  @Test
  void failsRatherThanOverwriteWhenAnotherPublisherCameInBetween() {
    producer.commitTransactionException = new ProducerFencedException("another one began");

    assertThrows(ProducerFencedException.class, () -> publisher().apply(policy("a")));
  }

  @Test
  void readsThePolicyInForce() {
    byte[] last = records.snapshot(5, new PolicyOrigin(false, digest("a")), policy("a"));

    assertEquals(5, publisher(last).inForce().version());
    assertEquals(policy("a").models(), publisher(last).inForce().models());
    assertEquals(Policy.EMPTY, publisher().inForce());
  }

  private PolicyPublisher publisher(byte[]... values) {
    return new PolicyPublisher(
        () -> holding(values), () -> producer, records.serdes, Clock.fixed(NOW, ZoneOffset.UTC));
  }

  private PolicySnapshot written() {
    return records
        .serdes
        .forRecord(PolicySnapshot.class)
        .deserializer()
        .deserialize(Topics.POLICY.name(), producer.history().getLast().value());
  }

  private static String digest(String model) {
    return PolicyDocument.digest(PolicyDocument.write(policy(model)));
  }
}
