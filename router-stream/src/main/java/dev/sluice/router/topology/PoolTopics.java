package dev.sluice.router.topology;

import dev.sluice.contract.model.Policy;
import dev.sluice.contract.price.PriceBook;
import dev.sluice.contract.topic.Topic;
import dev.sluice.contract.topic.Topics;
import dev.sluice.router.core.RoutePlans;
import dev.sluice.runtime.kafka.KafkaClients;
import dev.sluice.runtime.kafka.TopicCreator;
import dev.sluice.runtime.policy.PolicyView;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The rules a task decides by: the policy in force, its prices, and the pools that can be sent to.
/// A pool becomes usable once its work topics exist; this creates them, on its own thread, so that
/// a missing topic holds that pool and never a task. It creates the topics that tenants ask for
/// too.
final class PoolTopics implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PoolTopics.class);
  private static final Duration CHECK = Duration.ofSeconds(30);
  private static final Duration RETRY = Duration.ofMillis(500);

  private final KafkaClients kafka;
  private final TopicCreator creator;
  private final PolicyView policies;
  private final Semaphore wake = new Semaphore(0);
  private volatile TaskView.Rules rules =
      new TaskView.Rules(
          Policy.EMPTY, PriceBook.of(Policy.EMPTY), Set.of(), RoutePlans.of(Policy.EMPTY));
  private volatile boolean closed;

  /// Version of the policy whose tenants' topics are there.
  private long ownTopicsOf;

  private @Nullable Thread thread;

  PoolTopics(KafkaClients kafka, TopicCreator creator, PolicyView policies) {
    this.kafka = kafka;
    this.creator = creator;
    this.policies = policies;
  }

  /// Begins to follow the policy.
  ///
  /// @param onFirst called once, when there are rules: without them a router would refuse every
  ///   model and price nothing
  synchronized void start(Runnable onFirst) {
    if (thread == null && !closed) {
      policies.onChange(_ -> wake.release());
      thread =
          Thread.ofPlatform().name("sluice-router-pools").daemon().start(() -> follow(onFirst));
    }
  }

  TaskView.Rules rules() {
    return rules;
  }

  private void follow(Runnable onFirst) {
    Admin admin = null;
    boolean started = false;
    try {
      admin = kafka.admin("sluice-router-pools");
      while (!closed) {
        boolean settled = refresh(admin);
        if (!started && rules.policy().version() > 0) {
          started = true;
          onFirst.run();
        }
        boolean _ = wake.tryAcquire((settled ? CHECK : RETRY).toMillis(), TimeUnit.MILLISECONDS);
        wake.drainPermits();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      if (admin != null) {
        admin.close(Duration.ofSeconds(1));
      }
    }
  }

  /// Returns whether every pool of the policy is usable.
  private boolean refresh(Admin admin) {
    Policy policy = policies.current();
    Set<String> known = rules.usablePools();
    if (policy.version() == ownTopicsOf
        && policy.version() == rules.policy().version()
        && known.equals(policy.pools().keySet())) {
      return policy.version() > 0;
    }
    Set<String> usable = new HashSet<>();
    for (String pool : policy.pools().keySet()) {
      if (known.contains(pool) || created(admin, pool)) {
        usable.add(pool);
      }
    }
    RoutePlans plans =
        rules.plans().policy().version() == policy.version()
            ? rules.plans()
            : RoutePlans.of(policy, CelCondition::of);
    rules = new TaskView.Rules(policy, PriceBook.of(policy), Set.copyOf(usable), plans);
    return ownTopics(admin, policy)
        && usable.size() == policy.pools().size()
        && policy.version() > 0;
  }

  /// Creates the topics that tenants ask for; returns whether they are there.
  private boolean ownTopics(Admin admin, Policy policy) {
    List<Topic> own =
        policy.tenants().values().stream()
            .flatMap(tenant -> Topics.ofTenant(tenant).stream())
            .toList();
    try {
      if (!own.isEmpty()) {
        creator.create(admin, own);
      }
      ownTopicsOf = policy.version();
      return true;
    } catch (KafkaException e) {
      LOG.atWarn().setCause(e).log("no topics of tenants' own yet");
      return false;
    }
  }

  private boolean created(Admin admin, String pool) {
    try {
      creator.create(admin, List.copyOf(Topics.ofPool(pool)));
      return true;
    } catch (KafkaException e) {
      LOG.atWarn().addKeyValue("pool", pool).setCause(e).log("pool held: no work topics yet");
      return false;
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (thread != null) {
      thread.interrupt();
    }
  }
}
