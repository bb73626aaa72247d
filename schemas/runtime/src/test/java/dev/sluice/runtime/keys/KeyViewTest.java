package dev.sluice.runtime.keys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.model.IssuedKey;
import dev.sluice.contract.model.Scope;
import dev.sluice.contract.serde.RecordSerdes;
import dev.sluice.contract.serde.SchemaRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.avro.Schema;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class KeyViewTest {
  private static final Instant AT = Instant.parse("2026-01-01T00:00:00Z");
  private static final IssuedKey FIRST = key("first");
  private static final IssuedKey SECOND = key("second");

  private final RecordSerdes serdes = RecordSerdes.over(new OneSchema());
  private final KeyTopic topic = new KeyTopic(serdes);
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final BlockingQueue<Collection<IssuedKey>> told = new LinkedBlockingQueue<>();

  /// The test writes one kind of record only.
  private static final class OneSchema implements SchemaRegistry {
    private Schema schema = Schema.create(Schema.Type.NULL);

    @Override
    public int register(String subject, Schema registered) {
      schema = registered;
      return 1;
    }

    @Override
    public Schema byId(int id) {
      return schema;
    }
  }

  @Test
  void tellsOfNoKeyBeforeAllAreRead() throws InterruptedException {
    try (var view =
        view(holding(topic.record(FIRST), topic.record(FIRST.revoked(AT)), topic.record(SECOND)))) {
      view.start();

      assertEquals(Set.of(FIRST.revoked(AT), SECOND), next());
    }
  }

  @Test
  void passesOverARecordThatIsNoKey() throws InterruptedException {
    var foreign =
        new ProducerRecord<>(
            topic.record(SECOND).topic(),
            "acme/third".getBytes(StandardCharsets.UTF_8),
            topic.record(SECOND).value());
    var damaged =
        new ProducerRecord<>(foreign.topic(), topic.record(FIRST).key(), new byte[] {9, 9, 9});
    try (var view = view(holding(topic.record(FIRST), foreign, damaged))) {
      view.start();

      assertEquals(Set.of(FIRST), next());
      assertEquals(2, meters.get("sluice.keys.rejected").counter().count());
    }
  }

  @Test
  void readsAllAnewAfterAFailureAndTellsOnce() throws InterruptedException {
    var broken = new MockConsumer<byte[], byte[]>("earliest");
    broken.updateBeginningOffsets(Map.of(KeyTopic.PARTITION, 0L));
    broken.updateEndOffsets(Map.of(KeyTopic.PARTITION, 1L));
    broken.setPollException(new KafkaException("not authorized"));
    try (var view =
        view(List.of(broken, holding(topic.record(FIRST), topic.record(FIRST.revoked(AT)))))) {
      view.start();

      assertEquals(Set.of(FIRST.revoked(AT)), next());
      assertTrue(told.isEmpty());
    }
  }

  private Set<IssuedKey> next() throws InterruptedException {
    Collection<IssuedKey> keys = told.poll(10, TimeUnit.SECONDS);
    assertTrue(keys != null, "nothing was told");
    return Set.copyOf(keys);
  }

  private KeyView view(MockConsumer<byte[], byte[]> consumer) {
    return view(List.of(consumer));
  }

  private KeyView view(List<MockConsumer<byte[], byte[]>> consumers) {
    var left = new ArrayDeque<>(consumers);
    return new KeyView(
        () -> left.size() > 1 ? left.poll() : left.peek(), serdes, meters, told::add);
  }

  @SafeVarargs
  private static MockConsumer<byte[], byte[]> holding(ProducerRecord<byte[], byte[]>... records) {
    var consumer = new MockConsumer<byte[], byte[]>("earliest");
    consumer.updateBeginningOffsets(Map.of(KeyTopic.PARTITION, 0L));
    consumer.updateEndOffsets(Map.of(KeyTopic.PARTITION, (long) records.length));
    for (int i = 0; i < records.length; i++) {
      int offset = i;
      // One a poll, as from a slow broker.
      consumer.schedulePollTask(() -> {
        var record = records[offset];
        consumer.addRecord(
            new ConsumerRecord<>(record.topic(), 0, offset, record.key(), record.value()));
      });
    }
    return consumer;
  }

  private static IssuedKey key(String id) {
    return new IssuedKey(
        "acme",
        id,
        IssuedKey.digestOf("sk-" + id),
        Set.of(Scope.READ, Scope.SUBMIT),
        AT,
        Optional.empty());
  }
}
