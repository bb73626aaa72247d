package dev.sluice.router.core;

import dev.sluice.contract.model.JobId;
import dev.sluice.contract.model.Priority;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.ToIntBiFunction;

/// One pool as one task sees it: who waits for it by class, and how many releases it may hold.
///
/// Credits keep the work topics short, so that nearly everything can still be reordered: released
/// and not ended ≤ slots + max(2, 10 %). The most urgent class may hold max(2, 10 %) beyond that,
/// so that an urgent job reaches the workers' gate however many others run.
final class PoolDesk {
  private static final int MIN_MARGIN = 2;

  /// Shares of the classes when all wait: the lowest keeps 1 of 13.
  private static final Map<Priority, Integer> WEIGHTS =
      new EnumMap<>(Map.of(Priority.INTERACTIVE, 8, Priority.STANDARD, 4, Priority.BATCH, 1));

  private final Map<Priority, TenantQueue> queues = new EnumMap<>(Priority.class);
  private final Map<Priority, Integer> turn = new EnumMap<>(Priority.class);
  private final Map<Priority, Integer> released = new EnumMap<>(Priority.class);
  private final Map<Priority, Integer> waiting = new EnumMap<>(Priority.class);
  private int releasedTotal;
  private int running;

  PoolDesk() {
    for (Priority priority : Priority.values()) {
      queues.put(priority, new TenantQueue());
      turn.put(priority, 0);
    }
  }

  /// @param lane the limits it stands before
  void enqueue(Job job, String lane) {
    Lanes.Entry entry =
        new Lanes.Entry(job.id(), Math.max(1, job.estimatedTokens()), job.urgency());
    queue(job.priority()).add(job.tenant(), lane, entry);
    waiting.merge(job.priority(), 1, Integer::sum);
  }

  /// A job that was enqueued does not wait here any more; its entry may still be there.
  void left(Priority priority) {
    waiting.merge(priority, -1, Integer::sum);
  }

  void clearQueues() {
    for (Priority priority : Priority.values()) {
      queues.put(priority, new TenantQueue());
    }
  }

  /// Whether jobs of this class and tenant are held back by limits that those of the lane stand
  /// before.
  boolean parked(Priority priority, String tenant, String lane) {
    return queue(priority).parked(tenant, lane);
  }

  /// Something has become free for a tenant.
  void unpark(String tenant) {
    queues.values().forEach(queue -> queue.unpark(tenant));
  }

  void took(Priority priority) {
    released.merge(priority, 1, Integer::sum);
    releasedTotal++;
  }

  void gaveBack(Priority priority) {
    released.merge(priority, -1, Integer::sum);
    releasedTotal--;
  }

  void started() {
    running++;
  }

  void stopped() {
    running--;
  }

  int waiting(Priority priority) {
    return waiting.getOrDefault(priority, 0);
  }

  Optional<JobId> oldest(Priority priority, Predicate<JobId> waits) {
    return queue(priority).oldest(waits);
  }

  List<WaitingLine> lines(String pool) {
    return Arrays.stream(Priority.values())
        .flatMap(priority -> queue(priority).lines(pool, priority).stream())
        .toList();
  }

  int releasedTotal() {
    return releasedTotal;
  }

  /// Whether workers have a slot that no claim holds.
  boolean hasFreeSlot(int slots) {
    return running < slots;
  }

  /// Whether a job of this class may be released past an empty queue.
  boolean openFor(Priority priority, int slots) {
    return queue(priority).size() == 0 && hasCredit(priority, slots);
  }

  /// The next job to release, by class weight, then tenant, then age.
  ///
  /// @param waits whether an entry still waits for this pool
  /// @param admits whether no limit holds it back
  /// @param shares weight of a tenant within a class
  Optional<JobId> next(
      int slots,
      Predicate<JobId> waits,
      Predicate<JobId> admits,
      ToIntBiFunction<String, Priority> shares) {
    while (true) {
      Optional<Priority> chosen = chooseClass(slots);
      if (chosen.isEmpty()) {
        return Optional.empty();
      }
      Priority priority = chosen.get();
      Optional<JobId> job =
          queue(priority).poll(waits, admits, tenant -> shares.applyAsInt(tenant, priority));
      if (job.isPresent()) {
        return job;
      }
    }
  }

  /// Smooth weighted round robin over the classes that have both waiters and credit.
  private Optional<Priority> chooseClass(int slots) {
    Priority best = null;
    int total = 0;
    for (Priority priority : Priority.values()) {
      if (queue(priority).size() == 0 || !hasCredit(priority, slots)) {
        continue;
      }
      int weight = WEIGHTS.getOrDefault(priority, 1);
      total += weight;
      int mine = turn.merge(priority, weight, Integer::sum);
      if (best == null || mine > turn.getOrDefault(best, 0)) {
        best = priority;
      }
    }
    if (best == null) {
      return Optional.empty();
    }
    turn.merge(best, -total, Integer::sum);
    return Optional.of(best);
  }

  private boolean hasCredit(Priority priority, int slots) {
    int margin = Math.max(MIN_MARGIN, (slots + 9) / 10);
    return releasedTotal < slots + margin
        || (priority == Priority.INTERACTIVE && released.getOrDefault(priority, 0) < margin);
  }

  private TenantQueue queue(Priority priority) {
    TenantQueue queue = queues.get(priority);
    if (queue == null) {
      throw new IllegalStateException("no queue for " + priority);
    }
    return queue;
  }
}
