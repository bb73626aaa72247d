package dev.sluice.ledgercheck.client;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/// Lets time pass on purpose: the pace of a load, the moment of a kill.
public final class Pause {
  private Pause() {}

  public static void of(Duration time) throws InterruptedException {
    long until = System.nanoTime() + time.toNanos();
    for (long left = time.toNanos(); left > 0; left = until - System.nanoTime()) {
      LockSupport.parkNanos(left);
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
    }
  }
}
