package dev.sluice.metering;

import dev.sluice.metering.topology.SmallRocks;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.streams.StreamsConfig;

/// Settings of Kafka Streams for metering.
///
/// The classic group protocol, not the streams one: it has static members, so that a process killed
/// and started again goes on at once on any broker; it accepts an evolved topology; and the latency
/// of a rebalance, the strength of the other, does not matter to money (ADR 0006).
final class MeteringSettings {
  static final String APPLICATION_ID = "sluice.metering";

  private static final int HEARTBEATS_PER_SESSION = 3;

  private MeteringSettings() {}

  /// @param user raw client settings of the user; they win, save for what exactness rests on
  static Properties of(MeteringConfig config, Map<String, Object> user, Path folder) {
    Properties settings = new Properties();
    settings.put(StreamsConfig.CLIENT_ID_CONFIG, "sluice-metering");
    settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, config.commitInterval().toMillis());
    settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, config.threads());
    settings.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, config.cacheBytes());
    settings.put(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, SmallRocks.class);
    settings.put(StreamsConfig.ENABLE_METRICS_PUSH_CONFIG, false);
    settings.put(
        StreamsConfig.producerPrefix(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG),
        millis(config.transactionTimeout()));
    settings.put(
        StreamsConfig.consumerPrefix(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG),
        millis(config.sessionTimeout()));
    settings.put(
        StreamsConfig.consumerPrefix(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG),
        millis(config.sessionTimeout().dividedBy(HEARTBEATS_PER_SESSION)));
    // A row may wait for its transaction anyway: one fetch for many entries, not one for each.
    settings.put(
        StreamsConfig.mainConsumerPrefix(ConsumerConfig.FETCH_MIN_BYTES_CONFIG), 64 * 1024);
    settings.put(StreamsConfig.mainConsumerPrefix(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG), 100);
    // Nothing is counted twice when the offsets are gone: progress is kept with the totals.
    settings.put(StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
    settings.putAll(user);
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, APPLICATION_ID);
    settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    settings.put(StreamsConfig.GROUP_PROTOCOL_CONFIG, "classic");
    settings.put(StreamsConfig.STATE_DIR_CONFIG, folder.toString());
    settings.put(
        StreamsConfig.consumerPrefix(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG),
        InstanceId.in(folder));
    return settings;
  }

  private static int millis(java.time.Duration duration) {
    return Math.toIntExact(duration.toMillis());
  }
}
