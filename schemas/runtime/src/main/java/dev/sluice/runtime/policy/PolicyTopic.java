package dev.sluice.runtime.policy;

import dev.sluice.contract.avro.PolicySnapshot;
import dev.sluice.contract.serde.RecordSerdes;
import dev.sluice.contract.topic.Topics;
import dev.sluice.runtime.config.KafkaSettings;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/// The clients and the frame of the one partition that holds the policy.
final class PolicyTopic {
  static final String KEY = "policy";
  static final TopicPartition PARTITION = new TopicPartition(Topics.POLICY.name(), 0);

  /// One publisher at a time: whoever begins fences the one before it, so that reading the last
  /// version and writing the next is one step.
  private static final String PUBLISHER = "sluice-policy-publisher";

  private PolicyTopic() {}

  /// A consumer of the partition from its start; values stay bytes, so that a damaged record is
  /// something to count and not something to stumble over.
  ///
  /// @param settings to start from; added to
  static Consumer<String, byte[]> consumer(Map<String, Object> settings) {
    settings.put("client.id", "sluice-policy");
    settings.put("isolation.level", "read_committed");
    settings.put("enable.auto.commit", false);
    settings.put("auto.offset.reset", "earliest");
    settings.put("allow.auto.create.topics", false);
    return new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer());
  }

  /// The same for reading to the end and no further: closing a consumer waits for the fetch that
  /// runs ahead of the end, by default half a second.
  static Consumer<String, byte[]> shortReader(Map<String, Object> settings) {
    settings.put("fetch.max.wait.ms", 10);
    return consumer(settings);
  }

  static Producer<String, byte[]> producer(KafkaSettings kafka) {
    Map<String, Object> settings = kafka.toClientProperties();
    settings.put("transactional.id", PUBLISHER);
    settings.put("acks", "all");
    return new KafkaProducer<>(settings, new StringSerializer(), new ByteArraySerializer());
  }

  static Serde<PolicySnapshot> serde(RecordSerdes serdes) {
    return serdes.forRecord(PolicySnapshot.class);
  }
}
