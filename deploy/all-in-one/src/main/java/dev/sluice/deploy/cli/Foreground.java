package dev.sluice.deploy.cli;

import java.util.concurrent.CountDownLatch;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

/// Runs something until the process is told to end (SIGTERM, SIGINT), stops it and exits with 0: an
/// asked-for end is no failure.
final class Foreground {
  /// Made before the hook runs: while a process ends, logging cannot begin any more.
  private static final Logger LOG = LogManager.getLogger(Foreground.class);

  /// What runs. `close` may come while `start` is still at work, from another thread.
  interface Running extends AutoCloseable {
    void start();

    @Override
    void close();
  }

  private Foreground() {}

  /// Returns only by throwing what `start` throws.
  static int run(Running running) {
    Thread hook = Thread.ofPlatform().name("stop").unstarted(() -> stopAndExit(running));
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      running.start();
    } catch (RuntimeException e) {
      if (unhook(hook)) {
        running.close();
        throw e;
      }
      // Told to end while starting: the failure is that end, and the hook exits.
    }
    return sleepForever();
  }

  private static void stopAndExit(Running running) {
    int code = ExitCode.DONE.number();
    try {
      running.close();
    } catch (RuntimeException e) {
      LOG.error("stopped with a failure", e);
      code = ExitCode.FAILED.number();
    }
    LogManager.shutdown();
    Runtime.getRuntime().halt(code);
  }

  private static boolean unhook(Thread hook) {
    try {
      return Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      return false;
    }
  }

  private static int sleepForever() {
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return ExitCode.DONE.number();
  }
}
