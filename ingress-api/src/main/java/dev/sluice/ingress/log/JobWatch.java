package dev.sluice.ingress.log;

import dev.sluice.contract.model.JobId;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// One watcher's signals, in order. Told by the thread that reads the log, which never waits for a
/// watcher: one that falls behind loses its queue and is marked so, and reads again from the log.
/// Read by one virtual thread.
public final class JobWatch implements AutoCloseable {
  private static final int MAX_SIGNALS = 1_024;

  private final LinkedBlockingQueue<JobSignal> signals = new LinkedBlockingQueue<>(MAX_SIGNALS);
  private final Runnable onClose;
  private volatile boolean overrun;
  private volatile boolean published;
  private volatile boolean closed;
  private volatile @Nullable JobId first;

  /// @param onClose removes the watch from whoever tells it
  public JobWatch(Runnable onClose) {
    this.onClose = onClose;
  }

  /// Tells the watcher; never waits.
  public void tell(JobSignal signal) {
    if (signal instanceof JobSignal.Published) {
      // Nobody waits for it: admission or the result says more.
      published = true;
    } else if (!signals.offer(signal)) {
      overrun = true;
    }
  }

  /// The next signal; empty when none came in time.
  public Optional<JobSignal> next(Duration longest) {
    try {
      return Optional.ofNullable(signals.poll(longest.toNanos(), TimeUnit.NANOSECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LogUnavailableException("the ingress is stopping", e);
    }
  }

  /// What is watched was found to be another name of a job: its signals come from now on, those
  /// before are to be read from the log.
  public void join(JobId job) {
    first = job;
    overrun = true;
  }

  /// The job that what is watched is another name of; empty when it is a job itself.
  public Optional<JobId> first() {
    return Optional.ofNullable(first);
  }

  public boolean closed() {
    return closed;
  }

  /// Whether the submission is known to be in the log.
  public boolean published() {
    return published;
  }

  /// Whether signals were lost since the last call; what is queued is then void.
  public boolean takeOverrun() {
    if (!overrun) {
      return false;
    }
    signals.clear();
    overrun = false;
    return true;
  }

  @Override
  public void close() {
    closed = true;
    onClose.run();
  }
}
