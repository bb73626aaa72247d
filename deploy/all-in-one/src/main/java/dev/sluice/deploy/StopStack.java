package dev.sluice.deploy;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What has been started, to be stopped in reverse. Once closed it stops whatever is still handed
/// to it at once, so that a start that is overtaken by a stop leaves nothing behind.
///
/// Safe for use by many threads.
final class StopStack implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StopStack.class);

  private final Deque<AutoCloseable> started = new ArrayDeque<>();
  private boolean closed;

  /// Keeps a part until the stop.
  ///
  /// @throws IllegalStateException when that has come already
  <T extends AutoCloseable> T push(T part) {
    synchronized (this) {
      if (!closed) {
        started.push(part);
        return part;
      }
    }
    stop(part);
    throw stopped();
  }

  synchronized void failIfClosed() {
    if (closed) {
      throw stopped();
    }
  }

  private static IllegalStateException stopped() {
    return new IllegalStateException("told to stop while starting");
  }

  @Override
  public void close() {
    for (AutoCloseable part = next(); part != null; part = next()) {
      stop(part);
    }
  }

  private synchronized @org.jspecify.annotations.Nullable AutoCloseable next() {
    closed = true;
    return started.poll();
  }

  private static void stop(AutoCloseable part) {
    try {
      part.close();
    } catch (Exception e) {
      LOG.atWarn()
          .addKeyValue("part", part.getClass().getSimpleName())
          .setCause(e)
          .log("did not stop cleanly");
    }
  }
}
