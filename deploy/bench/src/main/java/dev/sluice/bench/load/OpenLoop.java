package dev.sluice.bench.load;

import dev.sluice.bench.core.Schedule;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Phaser;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/// Sends on schedule whatever the answers do: the clock of each request starts when it was due. One
/// virtual thread a request.
public final class OpenLoop {
  private static final Duration LAST_ANSWERS = Duration.ofSeconds(70);

  private OpenLoop() {}

  /// Runs a whole schedule.
  ///
  /// @param connections opened ahead: at least rate x latency x 4
  public static LoadResult run(Target target, Schedule schedule, int connections)
      throws IOException, InterruptedException {
    Tally tally = new Tally();
    Phaser unanswered = new Phaser(1);
    try (ConnectionPool pool = new ConnectionPool(target).open(connections)) {
      long began = System.nanoTime();
      for (long i = 0; i < schedule.count(); i++) {
        long due = began + schedule.dueNanos(i);
        for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
          LockSupport.parkNanos(left);
        }
        // A phaser counts to 65,535 at most; so many unanswered requests are an end in themselves.
        unanswered.register();
        Thread.startVirtualThread(() -> {
          tally.send(target, pool, due);
          unanswered.arriveAndDeregister();
        });
      }
      try {
        unanswered.awaitAdvanceInterruptibly(
            unanswered.arrive(), LAST_ANSWERS.toSeconds(), TimeUnit.SECONDS);
      } catch (TimeoutException e) {
        tally.wrong("unanswered after " + LAST_ANSWERS);
      }
      return tally.result(Math.max(1e-9, schedule.length().toNanos() / 1e9));
    }
  }
}
