package dev.sluice.bench.scenario;

import dev.sluice.bench.core.CpuTicks;
import dev.sluice.bench.process.Kernel;
import java.io.IOException;
import java.time.Duration;

/// Waits with a deadline for what cannot be awaited otherwise.
final class Wait {
  private static final Duration PACE = Duration.ofMillis(100);
  private static final Duration LONGEST_IDLE_WAIT = Duration.ofSeconds(60);
  private static final double IDLE_CORES = 0.25;

  /// Something that may come to hold.
  interface Condition {
    boolean holds() throws IOException, InterruptedException;
  }

  private Wait() {}

  /// @return whether it came to hold in time
  static boolean until(Duration atMost, Condition condition)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + atMost.toNanos();
    while (!condition.holds()) {
      if (System.nanoTime() - deadline > 0) {
        return false;
      }
      Thread.sleep(PACE);
    }
    return true;
  }

  /// Waits until a process has hardly worked for a second: bookkeeping of ended jobs is over.
  static void untilIdle(long pid) throws IOException, InterruptedException {
    until(
        LONGEST_IDLE_WAIT,
        () -> {
          long before = Kernel.cpuTicks(pid);
          Thread.sleep(Duration.ofSeconds(1));
          return Kernel.cpuTicks(pid) - before < IDLE_CORES * CpuTicks.PER_SECOND;
        });
  }

  /// Processors' worth of work that a process does for a while.
  static double coresWhileIdle(long pid, Duration rest) throws IOException, InterruptedException {
    long before = Kernel.cpuTicks(pid);
    Thread.sleep(rest);
    return (Kernel.cpuTicks(pid) - before) / (double) (CpuTicks.PER_SECOND * rest.toSeconds());
  }
}
