package dev.sluice.runtime.keys;

import dev.sluice.contract.avro.ApiKeyRecord;
import dev.sluice.contract.model.IssuedKey;
import dev.sluice.contract.model.Scope;
import dev.sluice.contract.serde.RecordSerdes;
import dev.sluice.contract.topic.Topics;
import dev.sluice.runtime.kafka.KafkaClients;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serde;
import org.jspecify.annotations.Nullable;

/// The one partition of the issued keys, and keys as its records. Safe for use by many threads.
final class KeyTopic {
  static final TopicPartition PARTITION = new TopicPartition(Topics.KEYS.name(), 0);

  private static final int DIGEST_BYTES = 32;

  private final Serde<ApiKeyRecord> serde;

  KeyTopic(RecordSerdes serdes) {
    this.serde = serdes.forRecord(ApiKeyRecord.class);
  }

  /// A consumer of the partition, to be read from its start.
  static Consumer<byte[], byte[]> consumer(KafkaClients kafka, Map<String, Object> overrides) {
    Map<String, Object> settings = new java.util.HashMap<>(overrides);
    settings.put("isolation.level", "read_committed");
    settings.put("allow.auto.create.topics", false);
    return kafka.reader("sluice-keys", settings);
  }

  /// Takes a record into what was read before it.
  ///
  /// @throws SerializationException when it cannot be used; what was read stays as it was
  void take(ConsumerRecord<byte[], byte[]> record, Map<String, IssuedKey> read) {
    if (record.key() == null) {
      throw new SerializationException("a record without a key");
    }
    String name = new String(record.key(), StandardCharsets.UTF_8);
    ApiKeyRecord value = serde.deserializer().deserialize(record.topic(), record.value());
    if (value == null) {
      read.remove(name);
      return;
    }
    IssuedKey key = key(value);
    if (!key.name().equals(name) || key.digest().remaining() != DIGEST_BYTES) {
      throw new SerializationException("not the key it is filed under: " + name);
    }
    read.put(name, key);
  }

  ProducerRecord<byte[], byte[]> record(IssuedKey key) {
    String topic = PARTITION.topic();
    return new ProducerRecord<>(
        topic,
        PARTITION.partition(),
        key.name().getBytes(StandardCharsets.UTF_8),
        serde.serializer().serialize(topic, value(key)));
  }

  private static ApiKeyRecord value(IssuedKey key) {
    return ApiKeyRecord.newBuilder()
        .setTenant(key.tenant())
        .setId(key.id())
        .setSha256(key.digest().duplicate())
        .setScopes(key.scopes().stream().sorted().map(Scope::key).toList())
        .setCreatedAt(key.createdAt())
        .setRevokedAt(key.revokedAt().orElse(null))
        .build();
  }

  private static IssuedKey key(ApiKeyRecord record) {
    List<String> scopes = record.getScopes();
    java.time.@Nullable Instant revoked = record.getRevokedAt();
    return new IssuedKey(
        record.getTenant(),
        record.getId(),
        ByteBuffer.wrap(bytes(record.getSha256())),
        // A scope of a later version allows nothing here.
        Arrays.stream(Scope.values())
            .filter(scope -> scopes.contains(scope.key()))
            .collect(Collectors.toSet()),
        record.getCreatedAt(),
        Optional.ofNullable(revoked));
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }
}
