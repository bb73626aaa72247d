package dev.sluice.ingress;

import dev.sluice.contract.model.IssuedKey;
import dev.sluice.contract.model.Policy;
import dev.sluice.contract.topic.Topics;
import dev.sluice.ingress.callback.CallbackService;
import dev.sluice.ingress.callback.HostResolver;
import dev.sluice.ingress.core.KeyRing;
import dev.sluice.ingress.http.IngressHttp;
import dev.sluice.ingress.http.Surroundings;
import dev.sluice.ingress.kafka.CostView;
import dev.sluice.ingress.kafka.KafkaComparisons;
import dev.sluice.ingress.kafka.KafkaControls;
import dev.sluice.ingress.kafka.KafkaJobLog;
import dev.sluice.ingress.kafka.KafkaJobLog.ReplyPartitions;
import dev.sluice.ingress.kafka.KafkaQueues;
import dev.sluice.ingress.kafka.KafkaQuotas;
import dev.sluice.ingress.log.LateJobLog;
import dev.sluice.ingress.tenant.OwnTopics;
import dev.sluice.runtime.config.MissingSecretException;
import dev.sluice.runtime.keys.KeyView;
import dev.sluice.runtime.lifecycle.Service;
import dev.sluice.runtime.lifecycle.ServiceContext;
import dev.sluice.runtime.telemetry.LogKeys;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The ingress: HTTP in front, the log behind, nothing between that decides. A request is
/// authenticated, validated, published and waited for; everything about a job is answered from the
/// log, so any ingress can answer for any job.
///
/// HTTP is up as soon as `start` returns; until the log is reached requests for it get 503.
public final class IngressServer implements Service {
  private static final Logger LOG = LoggerFactory.getLogger(IngressServer.class);
  private static final String EVENTS = Topics.EVENTS.name();
  private static final String RESULTS = Topics.RESULTS.name();
  private static final String FILES = Topics.FILES.name();
  private static final int BROKER_SECONDS = 10;
  private static final Duration PAUSE = Duration.ofMillis(500);

  private final IngressConfig config;
  private final ServiceContext context;
  private final LateJobLog log = new LateJobLog();
  private final CostView costs;
  private final KafkaComparisons comparisons;
  private final IngressStorage storage;
  private final KafkaQueues queues;
  private final KafkaQuotas quotas;
  private final KafkaControls controls;
  private final CallbackService callbacks;
  private final IngressHttp http;
  private final KeyView issuedKeys;
  private KeyRing policyKeys = KeyRing.EMPTY;
  private Optional<Collection<IssuedKey>> issued = Optional.empty();
  private volatile KeyRing keys = KeyRing.EMPTY.incomplete();
  private volatile boolean draining;
  private volatile boolean closed;
  private volatile @Nullable KafkaJobLog kafkaLog;
  private @Nullable OwnTopics ownTopics;
  private @Nullable Thread connector;
  private boolean started;

  public IngressServer(IngressConfig config, ServiceContext context) {
    this.config = config;
    this.context = context;
    this.costs = new CostView(context);
    this.comparisons = new KafkaComparisons(context);
    this.storage = new IngressStorage(config, context);
    this.queues = new KafkaQueues(context);
    this.quotas = new KafkaQuotas(context);
    this.controls = new KafkaControls(context);
    this.issuedKeys =
        new KeyView(context.kafka(), context.serdes(), context.meters(), this::learnIssued);
    this.callbacks = new CallbackService(context, config.callbacks(), HostResolver.SYSTEM);
    Surroundings around =
        new Surroundings(
            config,
            log,
            costs,
            comparisons,
            storage.port(),
            queues,
            quotas,
            controls,
            callbacks.port(),
            context.policy()::current,
            context.meters(),
            context.clock());
    this.http = new IngressHttp(around, () -> keys);
  }

  @Override
  public String name() {
    return "ingress";
  }

  @Override
  public synchronized void start() {
    if (started || closed) {
      return;
    }
    started = true;
    context.policy().onChange(this::learnKeys);
    learnKeys(context.policy().current());
    issuedKeys.start();
    http.start();
    connector = Thread.ofVirtual().name("sluice-ingress-connect").start(this::connect);
    LOG.atInfo().addKeyValue("address", address()).log("ingress listens");
  }

  /// Where HTTP listens, once started.
  public InetSocketAddress address() {
    return http.address();
  }

  @Override
  public Optional<String> waitsFor() {
    if (draining || closed) {
      return Optional.of("stopping");
    }
    if (kafkaLog == null) {
      return Optional.of("the log is not reached");
    }
    if (!keys.complete()) {
      return Optional.of("reads the issued keys");
    }
    return log.ready() ? Optional.empty() : Optional.of("reads its reply partitions to their end");
  }

  @Override
  public void drain(Duration grace) {
    draining = true;
    http.drain(grace);
  }

  @Override
  public void close() {
    Thread connecting;
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      connecting = connector;
    }
    http.close();
    if (connecting != null) {
      connecting.interrupt();
      try {
        connecting.join(PAUSE.multipliedBy(10));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    storage.close();
    queues.close();
    quotas.close();
    controls.close();
    callbacks.close();
    costs.close();
    comparisons.close();
    issuedKeys.close();
    OwnTopics own = ownTopics;
    if (own != null) {
      own.close();
    }
    KafkaJobLog running = kafkaLog;
    if (running != null) {
      running.close();
    }
  }

  /// A key that cannot be resolved here opens nothing, and says so once for each policy.
  private void learnKeys(Policy policy) {
    KeyRing learnt =
        KeyRing.of(
            policy,
            reference -> {
              try {
                return Optional.of(context.secrets().resolve(reference).value());
              } catch (MissingSecretException e) {
                LOG.atWarn()
                    .addKeyValue(LogKeys.VERSION, policy.version())
                    .addKeyValue("reason", e.getMessage())
                    .log("an API key cannot be resolved, it opens nothing");
                return Optional.empty();
              }
            });
    synchronized (this) {
      policyKeys = learnt;
      keys = issued.map(learnt::with).orElseGet(learnt::incomplete);
    }
  }

  private synchronized void learnIssued(Collection<IssuedKey> known) {
    issued = Optional.of(known);
    keys = policyKeys.with(known);
  }

  /// Until the broker answers, again and again.
  private void connect() {
    while (!closed) {
      try (Admin admin = context.kafka().admin("sluice-ingress-" + context.processId())) {
        String cluster = admin.describeCluster().clusterId().get(BROKER_SECONDS, TimeUnit.SECONDS);
        Map<String, TopicDescription> topics =
            admin
                .describeTopics(List.of(EVENTS, RESULTS, FILES))
                .allTopicNames()
                .get(BROKER_SECONDS, TimeUnit.SECONDS);
        TopicDescription events = Objects.requireNonNull(topics.get(EVENTS));
        TopicDescription results = Objects.requireNonNull(topics.get(RESULTS));
        // A topic made again has another id, and an index of the old one would name other records.
        String identity = cluster + " " + events.topicId() + " " + results.topicId();
        open(
            new ReplyPartitions(events.partitions().size(), config.replyPartitions()),
            identity,
            cluster + " " + Objects.requireNonNull(topics.get(FILES)).topicId());
        return;
      } catch (ExecutionException | TimeoutException | KafkaException e) {
        LOG.atWarn().addKeyValue("reason", e.getMessage()).log("log not reached, trying again");
        LockSupport.parkNanos(PAUSE.toNanos());
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private synchronized void open(
      ReplyPartitions partitions, String identity, String filesIdentity) {
    if (closed) {
      return;
    }
    KafkaJobLog opened = new KafkaJobLog(context, partitions, identity);
    opened.start();
    kafkaLog = opened;
    OwnTopics own = new OwnTopics(context, opened, config, partitions.count());
    own.start();
    ownTopics = own;
    log.becomes(opened);
    storage.start(filesIdentity);
    queues.start();
    quotas.start();
    controls.start();
    callbacks.start(identity);
  }
}
