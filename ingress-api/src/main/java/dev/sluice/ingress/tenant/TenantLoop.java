package dev.sluice.ingress.tenant;

import dev.sluice.contract.model.Policy;
import dev.sluice.ingress.log.LogUnavailableException;
import dev.sluice.runtime.policy.PolicyView;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A thread that works while some tenant asks for it. A round that fails begins anew from what was
/// committed. Without a tenant that asks it costs a look at the policy twice a second.
final class TenantLoop implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TenantLoop.class);
  private static final Duration PAUSE = Duration.ofMillis(500);
  private static final Duration END = Duration.ofSeconds(5);

  private final String name;
  private final PolicyView policies;
  private final Round round;
  private final Thread thread;
  private volatile boolean stopping;
  private volatile @Nullable KafkaConsumer<byte[], byte[]> open;

  /// What the thread does until the policy changes or it is told to stop.
  interface Round {
    boolean wanted(Policy policy);

    void run(TenantLoop loop);
  }

  TenantLoop(String name, PolicyView policies, Round round) {
    this.name = name;
    this.policies = policies;
    this.round = round;
    this.thread = Thread.ofVirtual().name(name).unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  boolean stopping() {
    return stopping;
  }

  /// Its consumer is woken when it is told to stop.
  void opened(KafkaConsumer<byte[], byte[]> consumer) {
    open = consumer;
  }

  private void run() {
    while (!stopping) {
      if (!round.wanted(policies.current())) {
        LockSupport.parkNanos(PAUSE.toNanos());
        continue;
      }
      try {
        round.run(this);
      } catch (WakeupException e) {
        LOG.atDebug().addKeyValue("loop", name).log("told to stop");
      } catch (KafkaException | LogUnavailableException e) {
        LOG.atWarn()
            .addKeyValue("loop", name)
            .setCause(e)
            .log("a tenant's topics cannot be served, trying again");
        LockSupport.parkNanos(PAUSE.toNanos());
      } finally {
        open = null;
      }
    }
  }

  @Override
  public void close() {
    stopping = true;
    KafkaConsumer<byte[], byte[]> consumer = open;
    if (consumer != null) {
      consumer.wakeup();
    }
    LockSupport.unpark(thread);
    try {
      thread.join(END);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
