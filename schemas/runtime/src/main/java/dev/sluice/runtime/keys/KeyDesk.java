package dev.sluice.runtime.keys;

import dev.sluice.contract.model.IssuedKey;
import dev.sluice.contract.serde.RecordSerdes;
import dev.sluice.runtime.kafka.KafkaClients;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Issues, revokes and lists keys.
///
/// Reading what there is and writing the change is one step: the transactional id is one for all
/// desks, so of two at the same time the later one fences the earlier, which then fails. Not for
/// use by several threads.
public final class KeyDesk {
  private static final Logger LOG = LoggerFactory.getLogger(KeyDesk.class);
  private static final String WRITER = "sluice-keys-writer";
  private static final Duration ENOUGH = Duration.ofSeconds(30);
  private static final Duration POLL = Duration.ofMillis(200);

  private final KafkaClients kafka;
  private final KeyTopic topic;

  public KeyDesk(KafkaClients kafka, RecordSerdes serdes) {
    this.kafka = kafka;
    this.topic = new KeyTopic(serdes);
  }

  /// Every key ever issued, revoked ones included, by name.
  ///
  /// @throws org.apache.kafka.common.KafkaException when Kafka cannot be asked
  public List<IssuedKey> list() {
    return readAll().values().stream().sorted(Comparator.comparing(IssuedKey::name)).toList();
  }

  /// Writes a new key, unless its name was used before.
  ///
  /// @throws org.apache.kafka.common.KafkaException as above, or when another came in between
  public KeyOutcome issue(IssuedKey key) {
    return change(keys -> {
      IssuedKey known = keys.get(key.name());
      return known == null ? new KeyOutcome.Written(key) : new KeyOutcome.Taken(known);
    });
  }

  /// From now on the key opens nothing, anywhere.
  ///
  /// @throws org.apache.kafka.common.KafkaException as above
  public KeyOutcome revoke(String name, Instant now) {
    return change(keys -> {
      IssuedKey known = keys.get(name);
      if (known == null) {
        return new KeyOutcome.Unknown();
      }
      return known.live()
          ? new KeyOutcome.Written(known.revoked(now))
          : new KeyOutcome.AlreadyRevoked(known);
    });
  }

  private KeyOutcome change(Function<Map<String, IssuedKey>, KeyOutcome> rule) {
    try (var producer = kafka.producer("sluice-keys", Map.of("transactional.id", WRITER))) {
      producer.initTransactions();
      KeyOutcome outcome = rule.apply(readAll());
      if (outcome instanceof KeyOutcome.Written(IssuedKey key)) {
        producer.beginTransaction();
        // Its failure is thrown by the commit.
        var _ = producer.send(topic.record(key));
        producer.commitTransaction();
      }
      return outcome;
    }
  }

  private Map<String, IssuedKey> readAll() {
    Map<String, IssuedKey> keys = new HashMap<>();
    var partition = List.of(KeyTopic.PARTITION);
    long giveUpAt = System.nanoTime() + ENOUGH.toNanos();
    // Closing a consumer waits for the fetch that runs ahead of the end, by default half a second.
    try (var consumer = KeyTopic.consumer(kafka, Map.of("fetch.max.wait.ms", 10))) {
      consumer.assign(partition);
      consumer.seekToBeginning(partition);
      long end =
          Objects.requireNonNull(consumer.endOffsets(partition, ENOUGH).get(KeyTopic.PARTITION));
      while (consumer.position(KeyTopic.PARTITION, ENOUGH) < end) {
        if (System.nanoTime() > giveUpAt) {
          throw new TimeoutException("the issued keys could not be read in " + ENOUGH);
        }
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
          take(record, keys);
        }
      }
    }
    return keys;
  }

  private void take(ConsumerRecord<byte[], byte[]> record, Map<String, IssuedKey> keys) {
    try {
      topic.take(record, keys);
    } catch (SerializationException e) {
      LOG.atWarn()
          .addKeyValue("offset", record.offset())
          .setCause(e)
          .log("record of an issued key cannot be used");
    }
  }
}
