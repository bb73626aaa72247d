package dev.sluice.bench.process;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/// Looks at a process's resident memory twenty times a second and keeps the most it saw. Its peak
/// is of one phase: the kernel's own is of the whole life.
public final class MemoryWatch implements AutoCloseable {
  private static final Duration PACE = Duration.ofMillis(50);

  private final long pid;
  private final Thread thread;
  private volatile double mostMib;
  private volatile boolean closed;

  public MemoryWatch(long pid) throws IOException {
    this.pid = pid;
    mostMib = Kernel.residentMib(pid);
    thread = Thread.ofPlatform().name("memory-" + pid).daemon().start(this::watch);
  }

  private void watch() {
    try {
      while (!closed) {
        look();
        LockSupport.parkNanos(PACE.toNanos());
      }
    } catch (IOException e) {
      // The process has gone.
      closed = true;
    }
  }

  private synchronized void look() throws IOException {
    mostMib = Math.max(mostMib, Kernel.residentMib(pid));
  }

  /// The most since the last call, MiB.
  public synchronized double peakMib() throws IOException {
    look();
    double peak = mostMib;
    mostMib = 0;
    return peak;
  }

  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
  }
}
