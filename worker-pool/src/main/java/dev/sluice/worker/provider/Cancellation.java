package dev.sluice.worker.provider;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Tells a running call to end. Once cancelled it stays so. Safe for use by many threads.
public final class Cancellation {
  private final CompletableFuture<Boolean> signal = new CompletableFuture<>();

  public void cancel() {
    signal.complete(true);
  }

  public boolean cancelled() {
    return signal.isDone();
  }

  /// Runs an action when cancelled, on the cancelling thread; at once if that has happened.
  public void onCancel(Runnable action) {
    var _ = signal.thenRun(action);
  }

  /// Waits, and answers whether it was cancelled meanwhile.
  public boolean await(Duration time) throws InterruptedException {
    try {
      return signal.get(time.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException("a signal does not fail", e);
    }
  }
}
