package dev.sluice.worker;

import dev.sluice.contract.avro.Beat;
import dev.sluice.contract.avro.PoolPulse;
import dev.sluice.contract.model.Policy;
import dev.sluice.contract.topic.Topics;
import dev.sluice.runtime.lifecycle.Service;
import dev.sluice.runtime.lifecycle.ServiceContext;
import dev.sluice.worker.core.Peers;
import dev.sluice.worker.kafka.AttemptShell;
import dev.sluice.worker.kafka.Attempts;
import dev.sluice.worker.kafka.BodyReader;
import dev.sluice.worker.kafka.BrokerClock;
import dev.sluice.worker.kafka.CommandCodec;
import dev.sluice.worker.kafka.Heartbeat;
import dev.sluice.worker.kafka.Inbox;
import dev.sluice.worker.kafka.Pools;
import dev.sluice.worker.kafka.ResultPublisher;
import dev.sluice.worker.kafka.WorkerMeters;
import dev.sluice.worker.kafka.WorkerSerdes;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The worker: wires its parts and holds the one order in which they start and stop.
///
/// One thread, the conductor, starts it and applies policy changes, in order; it waits for a broker
/// that is not there yet.
public final class WorkerService implements Service {
  private static final Logger LOG = LoggerFactory.getLogger(WorkerService.class);
  private static final Duration RETRY_PAUSE = Duration.ofMillis(500);
  private static final Duration BOOT_STEP = Duration.ofSeconds(10);
  private static final Duration WARM_CHECK = Duration.ofMillis(50);

  private final WorkerConfig config;
  private final ServiceContext context;
  private final WorkerSerdes serdes;
  private final WorkerMeters meters;
  private final Peers peers;
  private final Attempts attempts = new Attempts();
  private final BrokerClock brokerClock = new BrokerClock();
  private final Providers providers;
  private final ExecutorService conductor =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().name("sluice-worker").daemon().factory());
  private final ExecutorService callbacks = Executors.newVirtualThreadPerTaskExecutor();

  private boolean started;
  private boolean drained;
  private volatile boolean closed;
  private volatile String waitsFor = "waits for the broker";
  private volatile boolean warm;
  private volatile @Nullable Parts parts;

  /// What exists only once the broker has answered.
  private record Parts(
      ResultPublisher publisher,
      BodyReader bodies,
      Inbox inbox,
      Heartbeat heartbeat,
      Pools pools) {}

  public WorkerService(WorkerConfig config, ServiceContext context) {
    this.config = config;
    this.context = context;
    this.serdes = WorkerSerdes.of(context.serdes());
    this.meters = new WorkerMeters(context.meters());
    this.peers = new Peers(context.processId());
    this.providers = new Providers(context.secrets(), config.maxAnswerBytes(), context.clock());
  }

  @Override
  public String name() {
    return "worker";
  }

  @Override
  public synchronized void start() {
    if (started || closed) {
      return;
    }
    started = true;
    context.meters().gauge("sluice.worker.in.flight", attempts, all -> (double) all.count());
    conductor.execute(this::boot);
    context.policy().onChange(_ -> onConductor(this::applyPolicy));
  }

  @Override
  public Optional<String> waitsFor() {
    Parts running = parts;
    if (closed) {
      return Optional.of("stopping");
    }
    if (!warm || running == null) {
      return Optional.of(waitsFor);
    }
    return running.heartbeat.sinceAcknowledged().compareTo(BOOT_STEP) < 0
        ? Optional.empty()
        : Optional.of("its beats are not acknowledged");
  }

  private void boot() {
    ResultPublisher publisher =
        new ResultPublisher(
            context.kafka(),
            serdes,
            new CommandCodec(context.processId()),
            brokerClock,
            meters,
            context.clock());
    try {
      Parts assembled = assemble(publisher);
      if (!adopt(assembled)) {
        publisher.close();
        return;
      }
      begin(assembled);
      applyPolicy();
      warmUp();
    } catch (InterruptedException | RejectedExecutionException e) {
      if (parts == null) {
        publisher.close();
      }
      LOG.atDebug().log("worker stopped while it started");
    }
  }

  /// Looks until every pool has its share consumers assigned, so that the next job finds a taker at
  /// once; changes of the policy have their turn in between.
  private void warmUp() {
    Parts running = parts;
    if (closed || running == null) {
      return;
    }
    try {
      Optional<String> missing =
          context.policy().current().version() == 0
              ? Optional.of("waits for a policy")
              : running
                  .pools
                  .unassigned()
                  .map(pool -> "pool %s has no work assigned".formatted(pool));
      if (missing.isEmpty()) {
        warm = true;
        LOG.atInfo().log("worker ready");
        return;
      }
      waitsFor = missing.get();
      TimeUnit.NANOSECONDS.sleep(WARM_CHECK.toNanos());
      onConductor(this::warmUp);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Hands the parts over to whoever stops this worker; false when that has happened already.
  private synchronized boolean adopt(Parts assembled) {
    if (closed) {
      return false;
    }
    parts = assembled;
    return true;
  }

  private Parts assemble(ResultPublisher publisher) throws InterruptedException {
    String worker = context.processId();
    int partitions = inboxPartitions(publisher);
    int partition = Math.floorMod(worker.hashCode(), partitions);
    BodyReader bodies = new BodyReader(context.kafka(), serdes);
    Heartbeat heartbeat =
        new Heartbeat(
            worker, publisher, brokerClock, this::poolIds, this::pulses, attempts::count, meters);
    AttemptShell shell =
        new AttemptShell(
            worker,
            publisher,
            new CommandCodec(worker),
            partition,
            attempts,
            bodies,
            brokerClock,
            heartbeat,
            context.policy()::current,
            meters,
            context.clock(),
            callbacks);
    Inbox inbox =
        new Inbox(
            context.kafka(),
            serdes,
            worker,
            partition,
            attempts::deliver,
            this::onBeat,
            publisher,
            brokerClock);
    Pools pools =
        new Pools(
            context.kafka(), serdes, shell, peers, providers::create, config.maxRecordsPerPoll());
    return new Parts(publisher, bodies, inbox, heartbeat, pools);
  }

  /// Before the first claim the broker's time must be known and the inbox positioned.
  private static void begin(Parts parts) throws InterruptedException {
    parts.heartbeat.start();
    while (!parts.heartbeat.awaitFirst(BOOT_STEP)) {
      LOG.atWarn().log("worker waits for the broker");
    }
    parts.inbox.start();
    while (!parts.inbox.awaitPositioned(BOOT_STEP)) {
      LOG.atWarn().log("worker waits for its inbox");
    }
    parts.pools.start();
  }

  private int inboxPartitions(ResultPublisher publisher) throws InterruptedException {
    while (true) {
      try {
        return publisher.partitionsOf(Topics.INBOX.name());
      } catch (KafkaException e) {
        LOG.atWarn().addKeyValue("cause", e.getMessage()).log("worker waits for its topics");
        TimeUnit.NANOSECONDS.sleep(RETRY_PAUSE.toNanos());
      }
    }
  }

  private void applyPolicy() {
    Parts running = parts;
    if (closed || running == null) {
      return;
    }
    Policy policy = context.policy().current();
    try {
      running.pools.apply(policy);
      running.heartbeat.beatNow();
    } catch (KafkaException e) {
      LOG.atWarn().setCause(e).log("policy not applied, trying again");
      onConductor(this::applyPolicyLater);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void applyPolicyLater() {
    try {
      TimeUnit.NANOSECONDS.sleep(RETRY_PAUSE.toNanos());
      applyPolicy();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private List<String> poolIds() {
    Parts running = parts;
    return running == null ? List.of() : List.copyOf(running.pools.ids());
  }

  private List<PoolPulse> pulses() {
    Parts running = parts;
    return running == null ? List.of() : running.pools.pulses();
  }

  private void onBeat(Beat beat) {
    Parts serving = parts;
    if (serving != null) {
      serving.pools.heard(beat.getProcess(), beat.getPulses());
    }
    if (peers.onBeat(beat.getProcess(), beat.getPools(), beat.getLeaving())) {
      Parts running = parts;
      if (running != null) {
        running.pools.resize();
      }
    }
  }

  private void onConductor(Runnable step) {
    try {
      conductor.execute(step);
    } catch (RejectedExecutionException e) {
      LOG.atDebug().log("worker is closed, a policy change is not applied");
    }
  }

  @Override
  public void drain(Duration grace) {
    stop(grace);
  }

  @Override
  public void close() {
    stop(Duration.ZERO);
  }

  /// The one order of the end: no more intake; running calls end or are ended, each with its
  /// outcome; the log has everything; good-bye; clients.
  private synchronized void stop(Duration grace) {
    if (drained) {
      return;
    }
    drained = true;
    closed = true;
    conductor.shutdownNow();
    Parts running = parts;
    if (running != null) {
      running.pools.stopIntake();
      endAttempts(grace);
      running.heartbeat.leave();
      running.publisher.close(config.closeGrace());
      running.inbox.close();
      running.bodies.close();
      running.pools.close();
    }
    providers.close();
    callbacks.shutdown();
  }

  private void endAttempts(Duration grace) {
    try {
      if (!attempts.awaitNone(grace)) {
        LOG.atInfo().addKeyValue("count", attempts.count()).log("grace is over, ending calls");
        attempts.stopAll();
        if (!attempts.awaitNone(config.closeGrace())) {
          LOG.atWarn().addKeyValue("count", attempts.count()).log("calls without outcome left");
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
