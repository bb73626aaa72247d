package dev.sluice.bench.load;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

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
    AtomicInteger next = new AtomicInteger();
    return run(
        targets.getFirst(),
        callers,
        () -> {
          int at = next.getAndIncrement();
          return at < targets.size() ? Optional.of(targets.get(at)) : Optional.empty();
        });
  }

  private static LoadResult run(
      List<Target> targets, int callers, AtomicLong left, long deadlineNanos)
      throws IOException, InterruptedException {
    return run(
        targets.getFirst(),
        callers,
        () ->
            System.nanoTime() - deadlineNanos < 0 && left.getAndDecrement() > 0
                ? Optional.of(targets.get(ThreadLocalRandom.current().nextInt(targets.size())))
                : Optional.empty());
  }

  /// @param next what a caller asks for next; empty when it is done
  private static LoadResult run(Target server, int callers, Supplier<Optional<Target>> next)
      throws IOException, InterruptedException {
    Tally tally = new Tally();
    try (ConnectionPool pool = new ConnectionPool(server).open(callers)) {
      long began = System.nanoTime();
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < callers; i++) {
        threads.add(
            Thread.startVirtualThread(() -> {
              for (Optional<Target> target = next.get(); target.isPresent(); target = next.get()) {
                tally.send(target.get(), pool, System.nanoTime());
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
