package dev.sluice.router.topology;

import dev.sluice.contract.model.Priority;
import dev.sluice.router.core.Pools;
import dev.sluice.router.core.TaskState;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/// What waits in the tasks of this process, by pool and class. Each task tells twice a second what
/// it counts anyway, so a scrape never looks at a backlog. Safe for use by many threads; a [Task]
/// is owned by its stream thread.
final class BacklogMeters {
  private static final int TICKS_BETWEEN = 50;

  private final MeterRegistry registry;
  private final Map<Integer, Told> told = new ConcurrentHashMap<>();
  private final Set<Place> shown = ConcurrentHashMap.newKeySet();

  private record Place(String pool, Priority priority) {}

  /// What one task told last.
  private record Told(List<Pools.Waiting> waiting, int unplaced, int aside, Instant at) {
    Stream<Pools.Waiting> of(Place place) {
      return waiting.stream()
          .filter(one -> one.pool().equals(place.pool) && one.priority() == place.priority);
    }
  }

  BacklogMeters(MeterRegistry registry) {
    this.registry = registry;
    Gauge.builder("sluice.router.unplaced", this, BacklogMeters::unplaced)
        .description("waiting jobs that no pool can take")
        .register(registry);
    Gauge.builder("sluice.router.aside", this, BacklogMeters::aside)
        .description("waiting jobs that left their line because they or their group are paused")
        .register(registry);
  }

  Task task(int partition) {
    return new Task(partition);
  }

  /// One task's voice.
  final class Task {
    private final int partition;
    private int ticks;

    private Task(int partition) {
      this.partition = partition;
    }

    void tick(TaskState state, Instant now) {
      if (ticks++ % TICKS_BETWEEN == 0) {
        List<Pools.Waiting> waiting = state.pools().backlog();
        told.put(partition, new Told(waiting, state.unplacedCount(), state.asideCount(), now));
        waiting.forEach(one -> show(new Place(one.pool(), one.priority())));
      }
    }

    void giveUp() {
      told.remove(partition);
    }
  }

  private void show(Place place) {
    if (!shown.add(place)) {
      return;
    }
    Gauge.builder("sluice.router.waiting", this, all -> all.jobs(place))
        .tag("pool", place.pool)
        .tag("class", place.priority.key())
        .description("jobs that wait for their turn")
        .register(registry);
    Gauge.builder("sluice.router.waiting.oldest", this, all -> all.oldestSeconds(place))
        .tag("pool", place.pool)
        .tag("class", place.priority.key())
        .baseUnit("seconds")
        .description("age of the oldest of them that stands first in its tenant's line")
        .register(registry);
  }

  private double jobs(Place place) {
    return told.values().stream()
        .flatMap(task -> task.of(place))
        .mapToInt(Pools.Waiting::jobs)
        .sum();
  }

  private double oldestSeconds(Place place) {
    return told.values().stream()
        .flatMap(task ->
            task.of(place)
                .flatMap(one -> one.oldest().stream())
                .map(since -> Duration.between(since, task.at).toMillis() / 1_000.0))
        .mapToDouble(Double::doubleValue)
        .map(age -> Math.max(0, age))
        .max()
        .orElse(0);
  }

  private double aside() {
    return told.values().stream().mapToInt(Told::aside).sum();
  }

  private double unplaced() {
    return told.values().stream().mapToInt(Told::unplaced).sum();
  }
}
