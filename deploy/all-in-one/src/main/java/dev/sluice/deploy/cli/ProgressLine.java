package dev.sluice.deploy.cli;

import java.io.PrintWriter;
import java.time.Duration;

/// One line on a terminal that shows how far long work has come; nothing where there is none, and
/// nothing for what is done within a second.
final class ProgressLine implements AutoCloseable {
  private static final Duration EVERY = Duration.ofMillis(200);
  private static final Duration LONG = Duration.ofSeconds(1);
  private static final int WIDTH = 30;

  private final PrintWriter err;
  private final int total;
  private final boolean shown = Terminal.interactive();
  private final long beganNanos = System.nanoTime();
  private long drawnNanos = beganNanos + LONG.toNanos() - EVERY.toNanos();
  private boolean drawn;

  ProgressLine(PrintWriter err, int total) {
    this.err = err;
    this.total = total;
  }

  void at(int done) {
    long now = System.nanoTime();
    if (!shown || now - drawnNanos < EVERY.toNanos()) {
      return;
    }
    drawnNanos = now;
    drawn = true;
    err.print("\r" + line(done, total, Duration.ofNanos(now - beganNanos)) + "\033[K");
    err.flush();
  }

  static String line(int done, int total, Duration since) {
    int filled = (int) ((long) WIDTH * done / Math.max(1, total));
    double rate = done / Math.max(0.001, since.toMillis() / 1_000.0);
    long left = Math.round((total - done) / Math.max(0.001, rate));
    return "[%s%s] %d/%d  %.0f/s  %d s left"
        .formatted("#".repeat(filled), ".".repeat(WIDTH - filled), done, total, rate, left);
  }

  @Override
  public void close() {
    if (drawn) {
      err.print("\r\033[K");
      err.flush();
    }
  }
}
