package dev.sluice.deploy;

import dev.sluice.contract.topic.Topics;
import java.nio.file.Path;
import java.util.Properties;

/// Settings of the embedded broker: one KRaft node that is broker and controller, tuned for one
/// machine, quick starts and a quick return after `kill -9`.
final class BrokerSettings {
  static final int NODE_ID = 1;

  /// Any fixed 16 bytes do: the folder belongs to one node only.
  static final String CLUSTER_ID = "c2x1aWNlLWVtYmVkZA";

  private static final String CLIENT_LISTENER = "CLIENT";
  private static final String CONTROLLER_LISTENER = "CONTROLLER";

  private BrokerSettings() {}

  /// @param host address the listeners bind and advertise
  /// @param controllerPort may differ at each start of the same folder: the only voter is named
  ///   here, not in the log
  static Properties of(Path logs, String host, int port, int controllerPort) {
    Properties settings = new Properties();
    node(settings, logs, host, port, controllerPort);
    oneCopy(settings);
    smallFootprint(settings);
    quickReturn(settings);
    groups(settings);
    transactions(settings);
    return settings;
  }

  private static void node(
      Properties settings, Path logs, String host, int port, int controllerPort) {
    String client = CLIENT_LISTENER + "://" + host + ":" + port;
    String controller = CONTROLLER_LISTENER + "://" + host + ":" + controllerPort;
    settings.put("process.roles", "broker,controller");
    settings.put("node.id", Integer.toString(NODE_ID));
    settings.put("listeners", client + "," + controller);
    settings.put("advertised.listeners", client + "," + controller);
    settings.put(
        "listener.security.protocol.map",
        CLIENT_LISTENER + ":PLAINTEXT," + CONTROLLER_LISTENER + ":PLAINTEXT");
    settings.put("controller.listener.names", CONTROLLER_LISTENER);
    settings.put("inter.broker.listener.name", CLIENT_LISTENER);
    settings.put("controller.quorum.voters", NODE_ID + "@" + host + ":" + controllerPort);
    settings.put("log.dirs", logs.toString());
    settings.put("auto.create.topics.enable", "false");
    settings.put("message.max.bytes", Integer.toString(Topics.MAX_RECORD_BYTES + 64 * 1024));
  }

  private static void oneCopy(Properties settings) {
    settings.put("default.replication.factor", "1");
    settings.put("min.insync.replicas", "1");
    settings.put("offsets.topic.replication.factor", "1");
    settings.put("transaction.state.log.replication.factor", "1");
    settings.put("transaction.state.log.min.isr", "1");
    settings.put("share.coordinator.state.topic.replication.factor", "1");
    settings.put("share.coordinator.state.topic.min.isr", "1");
  }

  private static void smallFootprint(Properties settings) {
    settings.put("offsets.topic.num.partitions", "4");
    settings.put("transaction.state.log.num.partitions", "4");
    settings.put("share.coordinator.state.topic.num.partitions", "4");
    // The defaults reserve 128 MiB of heap for compaction and 20 MiB of index for each partition.
    settings.put("log.cleaner.dedupe.buffer.size", Integer.toString(8 * 1024 * 1024));
    settings.put("log.index.size.max.bytes", Integer.toString(1024 * 1024));
    // As large as the system gives, so that a log is read back in few pieces.
    settings.put("socket.send.buffer.bytes", "-1");
    settings.put("num.network.threads", "2");
    settings.put("num.io.threads", "4");
    settings.put("background.threads", "4");
    settings.put("remote.log.reader.threads", "1");
    settings.put("group.coordinator.threads", "2");
  }

  private static void quickReturn(Properties settings) {
    // After kill -9 the old registration has to expire before the node may serve again.
    settings.put("broker.session.timeout.ms", "2000");
    settings.put("broker.heartbeat.interval.ms", "400");
    // What an unclean stop left in the last segment of each partition is read again at start.
    settings.put("log.segment.bytes", Integer.toString(64 * 1024 * 1024));
    settings.put("log.flush.offset.checkpoint.interval.ms", "10000");
    settings.put("log.cleaner.backoff.ms", "5000");
    // After kill -9 all that is compacted is looked at again, just when the router reads its log.
    settings.put("log.cleaner.io.max.bytes.per.second", Integer.toString(64 * 1024 * 1024));
    // Some two thousand of the broker's metrics would be named to JMX, where nobody asks.
    settings.put("metric.reporters", "");
    settings.put("metrics.jmx.exclude", ".*");
  }

  private static void groups(Properties settings) {
    settings.put("group.initial.rebalance.delay.ms", "0");
    settings.put("group.min.session.timeout.ms", "1000");
    settings.put("group.consumer.min.heartbeat.interval.ms", "500");
    settings.put("group.consumer.heartbeat.interval.ms", "500");
    settings.put("group.consumer.min.session.timeout.ms", "1000");
    settings.put("group.consumer.session.timeout.ms", "3000");
    settings.put("group.consumer.assignment.interval.ms", "0");

    // A member gets its partitions at its second heartbeat.
    settings.put("group.share.min.heartbeat.interval.ms", "300");
    settings.put("group.share.heartbeat.interval.ms", "500");
    settings.put("group.share.min.session.timeout.ms", "1000");
    settings.put("group.share.session.timeout.ms", "6000");
    settings.put("group.share.assignment.interval.ms", "0");
    settings.put("group.share.initialize.retry.interval.ms", "500");
    settings.put("group.share.max.size", "1000");
    // Nothing is held longer than a hand-off; at the delivery limit the broker archives silently.
    settings.put("group.share.min.record.lock.duration.ms", "1000");
    settings.put("group.share.record.lock.duration.ms", "30000");
    settings.put("group.share.max.delivery.count.limit", "25");
    settings.put("group.share.delivery.count.limit", "10");
    settings.put("group.share.max.partition.max.record.locks", "10000");
    settings.put("group.share.partition.max.record.locks", "2000");

    settings.put("group.streams.initial.rebalance.delay.ms", "0");
    settings.put("group.streams.min.heartbeat.interval.ms", "300");
    settings.put("group.streams.heartbeat.interval.ms", "500");
    settings.put("group.streams.min.session.timeout.ms", "1000");
    settings.put("group.streams.session.timeout.ms", "2500");
    settings.put("group.streams.assignment.interval.ms", "0");
  }

  private static void transactions(Properties settings) {
    settings.put("add.partitions.to.txn.retry.backoff.ms", "1");
    // A dead process's transaction hides what follows it from finance until it is ended.
    settings.put("transaction.abort.timed.out.transaction.cleanup.interval.ms", "500");
  }
}
