package dev.sluice.router.core;

import dev.sluice.contract.model.JobId;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;

/// Shadow copies that wait, one line before each pool, and how many each pool has. They are behind
/// all that is not a copy: one goes when nothing else can, into a slot that is free, and never into
/// more than half of a pool's. Owned by one thread.
final class ShadowLines {
  /// Copies of one task that may wait, count; of a job that comes then none are made, so that a
  /// pool that cannot keep up costs no more memory than this.
  static final int MAX_WAITING = 1_000;

  private static final class Line {
    final ArrayDeque<JobId> ids = new ArrayDeque<>();
    int waiting;
    int out;
  }

  private final Map<String, Line> lines = new HashMap<>();
  private int live;
  private int waiting;

  /// A copy is among the task's jobs, or is not any more.
  void live(int change) {
    live += change;
  }

  boolean any() {
    return live > 0;
  }

  boolean full() {
    return waiting >= MAX_WAITING;
  }

  void enqueue(String pool, JobId id) {
    Line line = line(pool);
    line.ids.add(id);
    line.waiting++;
    waiting++;
  }

  /// A copy does not wait any more; its entry may still be there.
  void left(String pool) {
    line(pool).waiting--;
    waiting--;
  }

  void clear() {
    lines.values().forEach(line -> line.ids.clear());
  }

  /// A pool has a release more, or less.
  void out(String pool, int change) {
    line(pool).out += change;
  }

  /// The next copy that may go.
  ///
  /// @param waits whether an entry of a pool's line still waits there
  /// @param slots of a pool
  /// @param taken how many releases it holds, copies included
  Optional<JobId> next(Waits waits, ToIntFunction<String> slots, ToIntFunction<String> taken) {
    if (waiting == 0) {
      return Optional.empty();
    }
    for (Map.Entry<String, Line> entry : lines.entrySet()) {
      String pool = entry.getKey();
      Line line = entry.getValue();
      int has = slots.applyAsInt(pool);
      if (line.waiting > 0 && taken.applyAsInt(pool) < has && line.out < Math.max(1, has / 2)) {
        Optional<JobId> next = poll(line, id -> waits.waits(pool, id));
        if (next.isPresent()) {
          return next;
        }
      }
    }
    return Optional.empty();
  }

  /// Whether a copy still waits before a pool.
  interface Waits {
    boolean waits(String pool, JobId id);
  }

  private static Optional<JobId> poll(Line line, Predicate<JobId> waits) {
    JobId id = line.ids.poll();
    while (id != null && !waits.test(id)) {
      id = line.ids.poll();
    }
    return Optional.ofNullable(id);
  }

  private Line line(String pool) {
    return lines.computeIfAbsent(pool, _ -> new Line());
  }
}
