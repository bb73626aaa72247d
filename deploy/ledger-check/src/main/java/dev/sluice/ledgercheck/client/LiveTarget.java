package dev.sluice.ledgercheck.client;

import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// Where Sluice answers just now: it may come back on another port after a kill.
///
/// Set by the driver, read by every client thread.
public final class LiveTarget {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition up = lock.newCondition();
  private URI url = URI.create("http://127.0.0.1:1");
  private boolean serving;

  public void comesUp(URI at) {
    lock.lock();
    try {
      url = at;
      serving = true;
      up.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// Requests still go to the last address, as a real client's would.
  public void goesDown() {
    lock.lock();
    try {
      serving = false;
    } finally {
      lock.unlock();
    }
  }

  public URI url() {
    lock.lock();
    try {
      return url;
    } finally {
      lock.unlock();
    }
  }

  public boolean serving() {
    lock.lock();
    try {
      return serving;
    } finally {
      lock.unlock();
    }
  }

  /// Waits for Sluice to serve, at most so long; empty when it does not.
  public Optional<URI> await(Duration atMost) throws InterruptedException {
    long left = atMost.toNanos();
    lock.lock();
    try {
      while (!serving && left > 0) {
        left = up.awaitNanos(left);
      }
      return serving ? Optional.of(url) : Optional.empty();
    } finally {
      lock.unlock();
    }
  }
}
