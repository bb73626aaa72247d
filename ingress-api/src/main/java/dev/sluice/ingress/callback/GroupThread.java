package dev.sluice.ingress.callback;

import dev.sluice.runtime.kafka.KafkaClients;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One thread with one consumer of a group, from start to close; whatever breaks, it begins again.
abstract class GroupThread implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(GroupThread.class);
  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final Duration CLOSE = Duration.ofSeconds(5);
  private static final int SESSION_MS = 10_000;
  private static final int HEARTBEAT_MS = 3_000;

  private final KafkaClients kafka;
  private final GroupMember member;
  private final Map<String, Object> settings;
  private volatile boolean stopping;
  private volatile boolean leaving = true;
  private volatile @Nullable KafkaConsumer<byte[], byte[]> open;
  private @Nullable Thread thread;

  GroupThread(KafkaClients kafka, GroupMember member, Map<String, Object> settings) {
    this.kafka = kafka;
    this.member = member;
    this.settings = new HashMap<>(settings);
    this.settings.put(ConsumerConfig.GROUP_ID_CONFIG, member.group());
    this.settings.put(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG, member.instance());
    this.settings.put(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, SESSION_MS);
    this.settings.put(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, HEARTBEAT_MS);
  }

  synchronized void start() {
    if (thread == null && !stopping) {
      thread = Thread.ofPlatform().daemon().name(member.group()).start(this::run);
    }
  }

  final boolean stopping() {
    return stopping;
  }

  /// Subscribes and follows until told to stop.
  abstract void follow(KafkaConsumer<byte[], byte[]> consumer);

  private void run() {
    while (!stopping) {
      KafkaConsumer<byte[], byte[]> consumer = kafka.reader(member.group(), settings);
      open = consumer;
      try {
        follow(consumer);
      } catch (WakeupException | InterruptException e) {
        LOG.atDebug().addKeyValue("group", member.group()).log("told to stop");
      } catch (RuntimeException e) {
        LOG.atWarn().addKeyValue("group", member.group()).setCause(e).log("begins again");
        LockSupport.parkNanos(PAUSE.toNanos());
      } finally {
        open = null;
        close(consumer);
      }
    }
  }

  private void close(KafkaConsumer<byte[], byte[]> consumer) {
    try {
      consumer.close(
          CloseOptions.timeout(CLOSE)
              .withGroupMembershipOperation(
                  leaving
                      ? CloseOptions.GroupMembershipOperation.LEAVE_GROUP
                      : CloseOptions.GroupMembershipOperation.REMAIN_IN_GROUP));
    } catch (KafkaException e) {
      LOG.atDebug().addKeyValue("group", member.group()).setCause(e).log("consumer not closed");
    }
  }

  /// Stops as a killed process does: its share stays its own until its session ends.
  final void abandon() {
    leaving = false;
    close();
  }

  @Override
  public void close() {
    Thread running;
    synchronized (this) {
      stopping = true;
      running = thread;
    }
    KafkaConsumer<byte[], byte[]> consumer = open;
    if (consumer != null) {
      consumer.wakeup();
    }
    if (running == null) {
      return;
    }
    LockSupport.unpark(running);
    try {
      running.join(CLOSE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
