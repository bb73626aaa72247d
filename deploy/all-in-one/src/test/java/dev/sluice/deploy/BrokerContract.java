package dev.sluice.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.topic.Topics;
import dev.sluice.runtime.kafka.KafkaClients;
import dev.sluice.runtime.kafka.TopicCreator;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Produced;
import org.junit.jupiter.api.Test;

/// What Sluice needs of a broker, whichever it is.
interface BrokerContract {
  Duration LIMIT = Duration.ofSeconds(60);
  Duration POLL = Duration.ofMillis(200);

  KafkaClients clients();

  @Test
  default void createsEveryTopicOnceWithItsSettings() throws Exception {
    TopicCreator creator = new TopicCreator(1, 2, 1, Optional.empty());
    try (Admin admin = clients().admin("contract")) {
      creator.create(admin, Topics.fixed());

      creator.create(admin, Topics.fixed());

      ConfigResource commands =
          new ConfigResource(ConfigResource.Type.TOPIC, Topics.COMMANDS.name());
      var settings = admin.describeConfigs(List.of(commands)).all().get().get(commands);
      assertEquals("LogAppendTime", settings.get("message.timestamp.type").value());
      var events = admin.describeTopics(List.of(Topics.EVENTS.name())).allTopicNames().get();
      assertEquals(2, events.get(Topics.EVENTS.name()).partitions().size());
    }
  }

  @Test
  default void acknowledgedRecordsAreReadInOrder() throws Exception {
    String topic = newTopic(Map.of());
    send(topic, "k", "a", "b", "c");

    assertEquals(List.of("a", "b", "c"), valuesOf(readAll(topic, 3, Map.of())));
  }

  @Test
  default void shareGroupHandsEachRecordToOneMember() throws Exception {
    String topic = newTopic(Map.of());
    String group = newShareGroup();
    try (var first = clients().shareConsumer("first", group, 1);
        var second = clients().shareConsumer("second", group, 1)) {
      first.subscribe(List.of(topic));
      second.subscribe(List.of(topic));
      send(topic, null, "1", "2", "3", "4", "5", "6", "7", "8");

      List<String> seen = new ArrayList<>();
      long deadline = System.nanoTime() + LIMIT.toNanos();
      while (seen.size() < 8 && System.nanoTime() < deadline) {
        seen.addAll(acceptOne(first));
        seen.addAll(acceptOne(second));
      }

      assertEquals(8, seen.size());
      assertEquals(Set.of("1", "2", "3", "4", "5", "6", "7", "8"), new TreeSet<>(seen));
    }
  }

  @Test
  default void releasedRecordComesBackWithItsDeliveryCounted() throws Exception {
    String topic = newTopic(Map.of());
    String group = newShareGroup();
    try (var member = clients().shareConsumer("member", group, 1)) {
      member.subscribe(List.of(topic));
      send(topic, null, "only");
      ConsumerRecord<byte[], byte[]> first = awaitOne(member);
      assertEquals(Optional.of((short) 1), first.deliveryCount());

      member.acknowledge(first, AcknowledgeType.RELEASE);
      member.commitSync();

      ConsumerRecord<byte[], byte[]> again = awaitOne(member);
      assertEquals(Optional.of((short) 2), again.deliveryCount());
      member.acknowledge(again, AcknowledgeType.ACCEPT);
    }
  }

  @Test
  default void streamsGroupProtocolRunsATopology() throws Exception {
    String input = newTopic(Map.of());
    String output = newTopic(Map.of());
    StreamsBuilder topology = new StreamsBuilder();
    topology.stream(input, Consumed.with(Serdes.ByteArray(), Serdes.ByteArray()))
        .to(output, Produced.with(Serdes.ByteArray(), Serdes.ByteArray()));
    Properties settings = new Properties();
    settings.putAll(clients().settings());
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, "contract-" + UUID.randomUUID());
    settings.put(StreamsConfig.GROUP_PROTOCOL_CONFIG, "streams");
    settings.put("auto.offset.reset", "earliest");
    CountDownLatch isRunning = new CountDownLatch(1);
    try (KafkaStreams streams = new KafkaStreams(topology.build(), settings)) {
      streams.setStateListener((state, _) -> {
        if (state == KafkaStreams.State.RUNNING) {
          isRunning.countDown();
        }
      });
      streams.start();
      send(input, "k", "through");

      assertEquals(List.of("through"), valuesOf(readAll(output, 1, Map.of())));
      assertTrue(isRunning.await(LIMIT.toSeconds(), TimeUnit.SECONDS));
    }
  }

  @Test
  default void readersOfCommittedRecordsNeverSeeAnAbortedTransaction() throws Exception {
    String topic = newTopic(Map.of());
    // A new broker makes its topic of transactions first, which takes a busy machine its time.
    Map<String, Object> transactional =
        Map.of(
            "transactional.id",
            "tx-" + UUID.randomUUID(),
            "max.block.ms",
            Math.toIntExact(LIMIT.toMillis()));
    try (KafkaProducer<byte[], byte[]> producer = clients().producer("tx", transactional)) {
      producer.initTransactions();
      producer.beginTransaction();
      producer.send(new ProducerRecord<>(topic, utf8("k"), utf8("aborted"))).get();
      producer.abortTransaction();
      producer.beginTransaction();
      producer.send(new ProducerRecord<>(topic, utf8("k"), utf8("committed"))).get();
      producer.commitTransaction();
    }

    var records = readAll(topic, 1, Map.of("isolation.level", "read_committed"));

    assertEquals(List.of("committed"), valuesOf(records));
  }

  @Test
  default void compactionKeepsTheLastRecordOfEachKey() throws Exception {
    String topic =
        newTopic(
            Map.of(
                "cleanup.policy", "compact",
                "segment.ms", "50",
                "min.cleanable.dirty.ratio", "0.01"));
    send(topic, "a", "old");
    send(topic, "a", "older");
    send(topic, "a", "new");
    send(topic, "b", "kept");

    Map<String, Integer> counts = new HashMap<>();
    long deadline = System.nanoTime() + LIMIT.toNanos();
    do {
      // Only closed segments are compacted; a write after `segment.ms` closes one.
      send(topic, "tick", "tick");
      counts.clear();
      for (ConsumerRecord<byte[], byte[]> record : readToEnd(topic)) {
        counts.merge(new String(record.key(), StandardCharsets.UTF_8), 1, Integer::sum);
      }
    } while (counts.get("a") > 1 && System.nanoTime() < deadline);

    assertEquals(Map.of("a", 1, "b", 1), new TreeMap<>(without(counts, "tick")));
  }

  private static Map<String, Integer> without(Map<String, Integer> counts, String key) {
    counts.remove(key);
    return counts;
  }

  default String newTopic(Map<String, String> settings) throws Exception {
    String name = "contract." + UUID.randomUUID();
    try (Admin admin = clients().admin("contract")) {
      NewTopic topic = new NewTopic(name, Optional.of(1), Optional.empty()).configs(settings);
      admin.createTopics(List.of(topic)).all().get();
    }
    return name;
  }

  default String newShareGroup() throws Exception {
    String group = "contract-" + UUID.randomUUID();
    try (Admin admin = clients().admin("contract")) {
      var resource = new ConfigResource(ConfigResource.Type.GROUP, group);
      var earliest =
          new AlterConfigOp(
              new ConfigEntry("share.auto.offset.reset", "earliest"), AlterConfigOp.OpType.SET);
      admin.incrementalAlterConfigs(Map.of(resource, List.of(earliest))).all().get();
    }
    return group;
  }

  default void send(String topic, String key, String... values) throws Exception {
    try (KafkaProducer<byte[], byte[]> producer = clients().producer("contract")) {
      for (String value : values) {
        byte[] keyBytes = key == null ? null : utf8(key);
        producer.send(new ProducerRecord<>(topic, keyBytes, utf8(value))).get();
      }
    }
  }

  default List<ConsumerRecord<byte[], byte[]>> readAll(
      String topic, int count, Map<String, Object> settings) {
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    try (var reader = clients().reader("contract", settings)) {
      TopicPartition partition = new TopicPartition(topic, 0);
      reader.assign(List.of(partition));
      reader.seekToBeginning(List.of(partition));
      long deadline = System.nanoTime() + LIMIT.toNanos();
      while (records.size() < count && System.nanoTime() < deadline) {
        reader.poll(POLL).forEach(records::add);
      }
    }
    return records;
  }

  default List<ConsumerRecord<byte[], byte[]>> readToEnd(String topic) {
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    try (var reader = clients().reader("contract", Map.of())) {
      TopicPartition partition = new TopicPartition(topic, 0);
      reader.assign(List.of(partition));
      reader.seekToBeginning(List.of(partition));
      long end = reader.endOffsets(List.of(partition)).get(partition);
      while (reader.position(partition) < end) {
        reader.poll(POLL).forEach(records::add);
      }
    }
    return records;
  }

  private static List<String> acceptOne(KafkaShareConsumer<byte[], byte[]> member) {
    List<String> values = new ArrayList<>();
    for (ConsumerRecord<byte[], byte[]> record : member.poll(POLL)) {
      values.add(new String(record.value(), StandardCharsets.UTF_8));
      member.acknowledge(record, AcknowledgeType.ACCEPT);
    }
    member.commitSync();
    return values;
  }

  private static ConsumerRecord<byte[], byte[]> awaitOne(
      KafkaShareConsumer<byte[], byte[]> member) {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (System.nanoTime() < deadline) {
      for (ConsumerRecord<byte[], byte[]> record : member.poll(POLL)) {
        return record;
      }
    }
    throw new AssertionError("no record within " + LIMIT);
  }

  private static List<String> valuesOf(List<ConsumerRecord<byte[], byte[]>> records) {
    return records.stream()
        .map(record -> new String(record.value(), StandardCharsets.UTF_8))
        .toList();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
