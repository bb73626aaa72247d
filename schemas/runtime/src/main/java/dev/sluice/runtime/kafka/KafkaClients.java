package dev.sluice.runtime.kafka;

import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/// Makes every Kafka client of a process from one set of settings. Clients carry bytes: keys are
/// UTF-8 text and values are encoded by the caller with its serde, so that a bad record is a value
/// in the caller's hands and never an exception inside `poll`.
public final class KafkaClients {

  /// How long a record may wait for the broker before its send fails.
  public static final Duration DELIVERY_TIMEOUT = Duration.ofMinutes(2);

  private static final Duration LONGEST_TRANSACTION = Duration.ofSeconds(10);

  private final String bootstrapServers;
  private final Map<String, String> properties;
  private final Optional<ClientMeters> meters;

  /// Clients that publish no metrics, for commands and tests.
  ///
  /// @param properties raw client settings of the user; they win over the defaults given here
  public KafkaClients(String bootstrapServers, Map<String, String> properties) {
    this(bootstrapServers, properties, Optional.empty());
  }

  /// Clients that publish a chosen few metrics, `sluice.kafka.…`.
  public static KafkaClients metered(
      String bootstrapServers, Map<String, String> properties, MeterRegistry meters) {
    return new KafkaClients(bootstrapServers, properties, Optional.of(new ClientMeters(meters)));
  }

  private KafkaClients(
      String bootstrapServers, Map<String, String> properties, Optional<ClientMeters> meters) {
    this.bootstrapServers = bootstrapServers;
    this.properties = Map.copyOf(properties);
    this.meters = meters;
  }

  public String bootstrapServers() {
    return bootstrapServers;
  }

  /// A producer that sends at once (`linger.ms=0`) and counts a record as sent when all in-sync
  /// replicas have it. Load batches by itself: what arrives during a request leaves in the next.
  public KafkaProducer<byte[], byte[]> producer(String clientId) {
    return producer(clientId, Map.of());
  }

  public KafkaProducer<byte[], byte[]> producer(String clientId, Map<String, Object> overrides) {
    Map<String, Object> settings = producerDefaults();
    settings.put(CommonClientConfigs.CLIENT_ID_CONFIG, clientId);
    settings.putAll(overrides);
    return new KafkaProducer<>(
        withUser(settings), new ByteArraySerializer(), new ByteArraySerializer());
  }

  /// A producer whose records of a transaction are in the log together or not at all. What one that
  /// was killed or froze had begun is hidden from readers of committed records, with all that
  /// follows it, for ten seconds at most.
  public KafkaProducer<byte[], byte[]> transactional(String clientId, String transactionalId) {
    return producer(
        clientId,
        Map.of(
            ProducerConfig.TRANSACTIONAL_ID_CONFIG,
            transactionalId,
            ProducerConfig.TRANSACTION_TIMEOUT_CONFIG,
            millis(LONGEST_TRANSACTION),
            ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
            millis(LONGEST_TRANSACTION),
            ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG,
            millis(LONGEST_TRANSACTION.dividedBy(2))));
  }

  private static int millis(Duration duration) {
    return Math.toIntExact(duration.toMillis());
  }

  /// Settings of every producer, also of those that Kafka Streams makes.
  public static Map<String, Object> producerDefaults() {
    Map<String, Object> settings = new HashMap<>();
    settings.put(ProducerConfig.ACKS_CONFIG, "all");
    settings.put(ProducerConfig.LINGER_MS_CONFIG, 0);
    // With more in flight each record would be a request of its own, and requests are what costs.
    settings.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, 1);
    settings.put(ProducerConfig.BATCH_SIZE_CONFIG, 64 * 1024);
    settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, millis(DELIVERY_TIMEOUT));
    settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 5_000);
    settings.put(
        ProducerConfig.MAX_REQUEST_SIZE_CONFIG,
        dev.sluice.contract.topic.Topics.MAX_RECORD_BYTES + 64 * 1024);
    settings.put(CommonClientConfigs.RECONNECT_BACKOFF_MAX_MS_CONFIG, 1_000);
    settings.put("enable.metrics.push", false);
    return settings;
  }

  /// A consumer without a group: the caller assigns and seeks.
  public KafkaConsumer<byte[], byte[]> reader(String clientId, Map<String, Object> overrides) {
    Map<String, Object> settings = consumerDefaults(clientId);
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    settings.putAll(overrides);
    return new KafkaConsumer<>(
        withUser(settings), new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  /// A member of a share group, in explicit mode: each record is acknowledged by the caller.
  public KafkaShareConsumer<byte[], byte[]> shareConsumer(
      String clientId, String groupId, int maxPollRecords) {
    return shareConsumer(clientId, groupId, maxPollRecords, Map.of());
  }

  /// The same, with further settings such as the size of a fetch.
  public KafkaShareConsumer<byte[], byte[]> shareConsumer(
      String clientId, String groupId, int maxPollRecords, Map<String, Object> overrides) {
    Map<String, Object> settings = consumerDefaults(clientId);
    settings.put(ConsumerConfig.GROUP_ID_CONFIG, groupId);
    settings.put(ConsumerConfig.SHARE_ACKNOWLEDGEMENT_MODE_CONFIG, "explicit");
    settings.put(ConsumerConfig.SHARE_ACQUIRE_MODE_CONFIG, "record_limit");
    settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, maxPollRecords);
    settings.putAll(overrides);
    return new KafkaShareConsumer<>(
        withUser(settings), new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  public Admin admin(String clientId) {
    Map<String, Object> settings = new HashMap<>();
    settings.put(CommonClientConfigs.CLIENT_ID_CONFIG, clientId);
    settings.put("enable.metrics.push", false);
    return Admin.create(withUser(settings));
  }

  /// What clients that others make start from, such as those of Kafka Streams: the user's settings
  /// with the servers, in a fresh map.
  public Map<String, Object> settings() {
    return withUser(new HashMap<>());
  }

  private static Map<String, Object> consumerDefaults(String clientId) {
    Map<String, Object> settings = new HashMap<>();
    settings.put(CommonClientConfigs.CLIENT_ID_CONFIG, clientId);
    settings.put(CommonClientConfigs.RECONNECT_BACKOFF_MAX_MS_CONFIG, 1_000);
    settings.put("enable.metrics.push", false);
    return settings;
  }

  private Map<String, Object> withUser(Map<String, Object> settings) {
    settings.putAll(properties);
    settings.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    meters.ifPresent(reporting -> reporting.addTo(settings));
    return settings;
  }
}
