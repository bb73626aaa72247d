package dev.sluice.router.core;

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

  private final class Line implements LiveJob.Line {
    final ArrayDeque<LiveJob> jobs = new ArrayDeque<>();
    int out;

    @Override
    public String lane() {
      return "";
    }

    @Override
    public void left(LiveJob copy) {
      jobs.remove(copy);
      waiting--;
    }
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

  void enqueue(LiveJob copy, Placement goesTo) {
    Line line = line(goesTo.pool());
    copy.stand(line, goesTo);
    line.jobs.add(copy);
    waiting++;
  }

  /// A pool has a release more, or less.
  void out(String pool, int change) {
    line(pool).out += change;
  }

  /// Takes the next copy that may go out of its line.
  ///
  /// @param slots of a pool
  /// @param taken how many releases it holds, copies included
  /// @param stepsAside whether a copy is held back
  Optional<LiveJob> next(
      ToIntFunction<String> slots, ToIntFunction<String> taken, Predicate<LiveJob> stepsAside) {
    if (waiting == 0) {
      return Optional.empty();
    }
    for (Map.Entry<String, Line> entry : lines.entrySet()) {
      String pool = entry.getKey();
      Line line = entry.getValue();
      int has = slots.applyAsInt(pool);
      if (taken.applyAsInt(pool) < has && line.out < Math.max(1, has / 2)) {
        Optional<LiveJob> next = poll(line, stepsAside);
        if (next.isPresent()) {
          return next;
        }
      }
    }
    return Optional.empty();
  }

  private static Optional<LiveJob> poll(Line line, Predicate<LiveJob> stepsAside) {
    LiveJob first = line.jobs.peek();
    while (first != null) {
      boolean goes = !stepsAside.test(first);
      first.leaveLine();
      if (goes) {
        return Optional.of(first);
      }
      first = line.jobs.peek();
    }
    return Optional.empty();
  }

  private Line line(String pool) {
    return lines.computeIfAbsent(pool, _ -> new Line());
  }
}
