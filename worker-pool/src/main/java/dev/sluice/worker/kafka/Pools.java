package dev.sluice.worker.kafka;

import dev.sluice.contract.avro.PoolPulse;
import dev.sluice.contract.model.Policy;
import dev.sluice.contract.model.Priority;
import dev.sluice.runtime.kafka.KafkaClients;
import dev.sluice.runtime.telemetry.LogKeys;
import dev.sluice.worker.core.Peers;
import dev.sluice.worker.provider.Provider;
import io.micrometer.core.instrument.Gauge;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The pools that this worker serves, following the policy: loops begin and end with their pool,
/// settings change under running loops, slots follow the number of workers.
///
/// `apply`, `unassigned` and `close` are called by one thread; the rest by any.
public final class Pools implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Pools.class);

  /// A poll brings at most this part of a pool's slots, so that what waits under a claim for a slot
  /// stays little beside what runs.
  private static final int SLOTS_A_RECORD = 8;

  private final KafkaClients kafka;
  private final WorkerSerdes serdes;
  private final AttemptShell shell;
  private final Peers peers;
  private final Function<Policy.Pool, Provider> providers;
  private final int maxPollRecords;
  private final Map<String, Served> servedById = new ConcurrentHashMap<>();

  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("sluice-worker-pools").daemon().factory());

  /// Open while this worker waits for its work.
  private @Nullable ShareGroups groups;

  private record Served(
      PoolDesk desk, int recordsPerPoll, List<ShareConsumerLoop> loops, List<Gauge> gauges) {}

  public Pools(
      KafkaClients kafka,
      WorkerSerdes serdes,
      AttemptShell shell,
      Peers peers,
      Function<Policy.Pool, Provider> providers,
      int maxPollRecords) {
    this.kafka = kafka;
    this.serdes = serdes;
    this.shell = shell;
    this.peers = peers;
    this.providers = providers;
    this.maxPollRecords = maxPollRecords;
  }

  /// Serves what a policy says from now on.
  ///
  /// @throws KafkaException when the groups of new pools cannot be prepared; may be called again
  public void apply(Policy policy) throws InterruptedException {
    for (String id : Set.copyOf(servedById.keySet())) {
      if (!policy.pools().containsKey(id)) {
        end(id);
      }
    }
    List<Policy.Pool> added = new ArrayList<>();
    for (Policy.Pool pool : policy.pools().values()) {
      Served served = servedById.get(pool.id());
      if (served == null) {
        added.add(pool);
      } else if (!served.desk.pool().equals(pool)) {
        change(served, pool);
      }
    }
    if (!added.isEmpty()) {
      begin(added);
    }
    resize();
  }

  private void begin(List<Policy.Pool> added) throws InterruptedException {
    try (ShareGroups groups = new ShareGroups(kafka)) {
      groups.beginAtStart(added.stream().map(Policy.Pool::id).toList());
    }
    for (Policy.Pool pool : added) {
      PoolDesk desk =
          new PoolDesk(
              pool, providers.apply(pool), slots(pool), shell.meters(), shell.heartbeat()::beatNow);
      serve(desk, gauges(desk));
    }
  }

  private void serve(PoolDesk desk, List<Gauge> gauges) {
    Policy.Pool pool = desk.pool();
    int records = recordsPerPoll(pool);
    List<ShareConsumerLoop> loops = new ArrayList<>();
    for (Priority priority : Priority.values()) {
      loops.add(new ShareConsumerLoop(kafka, serdes, shell, desk, priority, records));
    }
    servedById.put(pool.id(), new Served(desk, records, loops, gauges));
    loops.forEach(ShareConsumerLoop::start);
    LOG.atInfo()
        .addKeyValue(LogKeys.POOL, pool.id())
        .addKeyValue("slots", desk.health().slots())
        .addKeyValue("recordsPerPoll", records)
        .log("pool served");
  }

  private int slots(Policy.Pool pool) {
    return peers.slots(pool.id(), pool.concurrency());
  }

  private int recordsPerPoll(Policy.Pool pool) {
    return Math.clamp(slots(pool) / SLOTS_A_RECORD, 1, maxPollRecords);
  }

  /// Settings change under the running loops, unless a poll must bring another number of records.
  private void change(Served served, Policy.Pool pool) {
    served.desk.replace(pool, providers.apply(pool));
    if (served.recordsPerPoll != recordsPerPoll(pool)) {
      stopLoops(List.of(served));
      serve(served.desk, served.gauges);
    }
  }

  private List<Gauge> gauges(PoolDesk desk) {
    String pool = desk.pool().id();
    return List.of(
        shell.meters().gauge("slots", pool, desk, it -> (double) it.health().slots()),
        shell.meters().gauge("slots.used", pool, desk, it -> (double) it.gate().used()),
        shell.meters().gauge("breaker.open", pool, desk, it -> it.health().open() ? 1 : 0),
        shell.meters().gauge("rate", pool, desk, it -> it.health().rate()),
        shell.meters().gauge("paused.seconds", pool, desk, it -> it.health().pausedSeconds()));
  }

  private void end(String id) {
    Served served = servedById.remove(id);
    if (served != null) {
      stopLoops(List.of(served));
      served.desk.close();
      served.gauges.forEach(shell.meters()::remove);
      LOG.atInfo().addKeyValue(LogKeys.POOL, id).log("pool no longer served");
    }
  }

  /// Gives each pool the slots that are this worker's among those that live now.
  public void resize() {
    servedById
        .values()
        .forEach(served -> {
          Policy.Pool pool = served.desk.pool();
          served.desk.health().share(slots(pool), peers.serving(pool.id()));
        });
  }

  /// Another worker tells how it sees its pools.
  public void heard(String worker, List<PoolPulse> pulses) {
    if (worker.equals(shell.worker())) {
      return;
    }
    for (PoolPulse pulse : pulses) {
      Served served = servedById.get(pulse.getPool());
      if (served != null) {
        served.desk.health().heard(worker, pulse);
      }
    }
  }

  /// How this worker sees the pools that it serves.
  public List<PoolPulse> pulses() {
    return servedById.values().stream().map(served -> served.desk.health().pulse()).toList();
  }

  /// Begins to look after the pools once a second.
  public void start() {
    var _ = timer.scheduleAtFixedRate(this::look, 1, 1, TimeUnit.SECONDS);
  }

  private void look() {
    servedById.values().forEach(served -> served.desk.health().look());
  }

  /// Ids of the pools served.
  public Collection<String> ids() {
    return servedById.keySet();
  }

  /// A pool of which a loop has no work topic assigned yet: a new member of a share group gets its
  /// work only at its second heartbeat.
  public Optional<String> unassigned() throws InterruptedException {
    List<String> pools = List.copyOf(servedById.keySet());
    Optional<String> missing = pools.isEmpty() ? Optional.empty() : unassigned(pools);
    if (missing.isEmpty()) {
      closeGroups();
    }
    return missing;
  }

  private Optional<String> unassigned(List<String> pools) throws InterruptedException {
    ShareGroups asked = groups == null ? new ShareGroups(kafka) : groups;
    groups = asked;
    try {
      return asked.unassigned(pools, shell.worker());
    } catch (KafkaException e) {
      LOG.atDebug().setCause(e).log("share groups not described, trying again");
      return Optional.of(pools.getFirst());
    }
  }

  private void closeGroups() {
    if (groups != null) {
      groups.close();
      groups = null;
    }
  }

  /// Takes no more work; what runs goes on.
  public void stopIntake() {
    stopLoops(servedById.values());
  }

  /// All at once, since each needs a request to the broker to leave its group.
  private static void stopLoops(Collection<Served> stopped) {
    List<Thread> closing = new ArrayList<>();
    for (Served served : stopped) {
      for (ShareConsumerLoop loop : served.loops) {
        closing.add(Thread.startVirtualThread(loop::close));
      }
    }
    for (Thread thread : closing) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  @Override
  public void close() {
    timer.shutdownNow();
    closeGroups();
    for (String id : Set.copyOf(servedById.keySet())) {
      end(id);
    }
  }
}
