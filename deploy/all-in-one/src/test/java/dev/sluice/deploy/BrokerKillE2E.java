package dev.sluice.deploy;

import dev.sluice.runtime.kafka.KafkaClients;
import dev.sluice.testkit.Eventually;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeProducersResult.PartitionProducerState;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `kill -9` of the broker in the middle of commits: none may stay open for ever, or nobody who
/// reads committed records gets past it.
class BrokerKillE2E {
  private static final int KILLS = Integer.getInteger("broker.kills", 6);
  private static final String TOPIC = "committed";
  private static final List<TopicPartition> PARTITIONS =
      IntStream.range(0, 24).mapToObj(partition -> new TopicPartition(TOPIC, partition)).toList();
  private static final Duration LIMIT = Duration.ofSeconds(30);

  @TempDir Path folder;
  private String bootstrap = "";

  @Test
  void noTransactionStaysOpenWhenTheBrokerIsKilledWhileItIsCommitted() throws Exception {
    SplittableRandom random = new SplittableRandom(20261121);
    SluiceProcess broker = start();
    try {
      createTopic();
      for (int kill = 0; kill < KILLS; kill++) {
        try (KafkaProducer<byte[], byte[]> producer = producer()) {
          producer.initTransactions();
          Thread commits = Thread.ofVirtual().start(() -> commitUntilItFails(producer));
          boolean _ = commits.join(Duration.ofMillis(300 + random.nextInt(200)));
          broker.kill();
          producer.close(Duration.ZERO);
          commits.join();
        }

        broker = start();
        try (KafkaProducer<byte[], byte[]> producer = producer()) {
          // Ends what the one before it has left, as each start of metering does.
          producer.initTransactions();
        }

        Eventually.await("no open transaction after kill " + kill, LIMIT, () -> open().isEmpty());
      }
    } finally {
      broker.close();
    }
  }

  private SluiceProcess start() throws Exception {
    SluiceProcess broker =
        SluiceProcess.start(folder, "kafka", "--data", folder + "/data", "--port", "0");
    bootstrap = broker.line().replaceFirst("^ready kafka ", "");
    return broker;
  }

  private void createTopic() throws Exception {
    try (Admin admin = clients().admin("kills")) {
      admin
          .createTopics(List.of(new NewTopic(TOPIC, PARTITIONS.size(), (short) 1)))
          .all()
          .get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    }
  }

  private KafkaClients clients() {
    return new KafkaClients(bootstrap, Map.of());
  }

  private KafkaProducer<byte[], byte[]> producer() {
    return clients()
        .producer(
            "kills",
            Map.of(
                ProducerConfig.TRANSACTIONAL_ID_CONFIG,
                "kills",
                ProducerConfig.MAX_BLOCK_MS_CONFIG,
                20_000));
  }

  private static void commitUntilItFails(KafkaProducer<byte[], byte[]> producer) {
    byte[] value = "x".getBytes(StandardCharsets.UTF_8);
    try {
      while (true) {
        producer.beginTransaction();
        for (TopicPartition partition : PARTITIONS) {
          producer.send(new ProducerRecord<>(TOPIC, partition.partition(), null, value));
        }
        producer.commitTransaction();
      }
    } catch (KafkaException | IllegalStateException e) {
      // The broker is gone, which is the point.
      return;
    }
  }

  /// Partitions with a transaction that nobody has ended.
  private List<TopicPartition> open() throws InterruptedException {
    try (Admin admin = clients().admin("kills")) {
      Map<TopicPartition, PartitionProducerState> states =
          admin.describeProducers(PARTITIONS).all().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
      return states.entrySet().stream()
          .filter(entry ->
              entry.getValue().activeProducers().stream()
                  .anyMatch(producer -> producer.currentTransactionStartOffset().isPresent()))
          .map(Map.Entry::getKey)
          .toList();
    } catch (ExecutionException | TimeoutException e) {
      return PARTITIONS;
    }
  }
}
