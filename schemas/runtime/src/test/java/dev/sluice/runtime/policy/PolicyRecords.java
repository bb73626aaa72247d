package dev.sluice.runtime.policy;

import dev.sluice.contract.avro.PolicySnapshot;
import dev.sluice.contract.codec.PolicyDocument;
import dev.sluice.contract.model.Policy;
import dev.sluice.contract.serde.RecordSerdes;
import dev.sluice.contract.serde.SchemaRegistry;
import dev.sluice.contract.topic.Topics;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.avro.Schema;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;

/// Records of the policy topic, in a registry of the test.
final class PolicyRecords {
  final RecordSerdes serdes = RecordSerdes.over(new Registry());

  private static final class Registry implements SchemaRegistry {
    private final List<Schema> schemas = new CopyOnWriteArrayList<>();

    @Override
    public int register(String subject, Schema schema) {
      if (!schemas.contains(schema)) {
        schemas.add(schema);
      }
      return schemas.indexOf(schema);
    }

    @Override
    public Schema byId(int id) {
      return schemas.get(id);
    }
  }

  static Policy policy(String model) {
    return new Policy(
        0,
        Map.of(),
        Map.of(),
        Map.of(model, new Policy.Model(model, java.util.Optional.empty(), List.of(), List.of())),
        List.of());
  }

  byte[] snapshot(long version, PolicyOrigin origin, Policy policy) {
    return serdes
        .forRecord(PolicySnapshot.class)
        .serializer()
        .serialize(
            Topics.POLICY.name(),
            PolicySnapshot.newBuilder()
                .setVersion(version)
                .setPublishedAt(Instant.EPOCH)
                .setSource(origin.text())
                .setDocument(ByteBuffer.wrap(PolicyDocument.write(policy)))
                .build());
  }

  static ConsumerRecord<String, byte[]> record(long offset, byte[] value) {
    return new ConsumerRecord<>(Topics.POLICY.name(), 0, offset, PolicyTopic.KEY, value);
  }

  /// A consumer of a partition that holds these values.
  static MockConsumer<String, byte[]> holding(byte[]... values) {
    var consumer = new MockConsumer<String, byte[]>("earliest");
    consumer.updateBeginningOffsets(Map.of(PolicyTopic.PARTITION, 0L));
    consumer.updateEndOffsets(Map.of(PolicyTopic.PARTITION, (long) values.length));
    consumer.schedulePollTask(() -> {
      for (int i = 0; i < values.length; i++) {
        consumer.addRecord(record(i, values[i]));
      }
    });
    return consumer;
  }
}
