package dev.sluice.bench.load;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/// Callers that wait for an answer before they ask again: finds the most a target can do. Its
/// latencies say nothing about a target under a given rate.
public final class ClosedLoop {
  private ClosedLoop() {}

  /// Asks until the time is over.
  public static LoadResult during(Target target, int callers, Duration length)
      throws IOException, InterruptedException {
    return during(List.of(target), callers, length);
  }

  /// Asks until the time is over, each time one of these, by chance. All are on one server.
  public static LoadResult during(List<Target> targets, int callers, Duration length)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + length.toNanos();
    AtomicLong endless = new AtomicLong(Long.MAX_VALUE);
    return run(targets, callers, endless, deadline);
  }

  /// Asks a number of times.
  public static LoadResult times(Target target, int callers, long requests)
      throws IOException, InterruptedException {
    long never = System.nanoTime() + Long.MAX_VALUE / 2;
    return run(List.of(target), callers, new AtomicLong(requests), never);
  }

  /// Asks for each of these once, in their order. All are on one server.
  public static LoadResult each(List<Target> targets, int callers)
      throws IOException, InterruptedException {
    Tally tally = new Tally();
    AtomicInteger next = new AtomicInteger();
    try (ConnectionPool pool = new ConnectionPool(targets.getFirst()).open(callers)) {
      long began = System.nanoTime();
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < callers; i++) {
        threads.add(
            Thread.startVirtualThread(() -> {
              for (int at = next.getAndIncrement();
                  at < targets.size();
                  at = next.getAndIncrement()) {
                tally.send(targets.get(at), pool, System.nanoTime());
              }
            }));
      }
      for (Thread thread : threads) {
        thread.join();
      }
      return tally.result((System.nanoTime() - began) / 1e9);
    }
  }

  private static LoadResult run(
      List<Target> targets, int callers, AtomicLong left, long deadlineNanos)
      throws IOException, InterruptedException {
    Tally tally = new Tally();
    try (ConnectionPool pool = new ConnectionPool(targets.getFirst()).open(callers)) {
      long began = System.nanoTime();
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < callers; i++) {
        threads.add(
            Thread.startVirtualThread(() -> {
              while (System.nanoTime() - deadlineNanos < 0 && left.getAndDecrement() > 0) {
                Target target = targets.get(ThreadLocalRandom.current().nextInt(targets.size()));
                tally.send(target, pool, System.nanoTime());
              }
            }));
      }
      for (Thread thread : threads) {
        thread.join();
      }
      return tally.result((System.nanoTime() - began) / 1e9);
    }
  }
}
