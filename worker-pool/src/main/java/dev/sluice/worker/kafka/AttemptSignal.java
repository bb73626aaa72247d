package dev.sluice.worker.kafka;

import dev.sluice.worker.provider.Cancellation;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// What others tell an attempt: go, or stop and why. The first stop wins and is final. Safe for use
/// by many threads.
final class AttemptSignal {

  /// Why an attempt must end.
  enum Stop {
    /// Another claim holds the job.
    DROPPED,
    /// The job was cancelled or is over.
    CANCELLED,
    /// This worker leaves.
    LEAVING
  }

  private final AtomicReference<@Nullable Stop> stop = new AtomicReference<>();
  private final Cancellation cancellation = new Cancellation();
  private final AtomicReference<CompletableFuture<Boolean>> verdict =
      new AtomicReference<>(new CompletableFuture<>());

  /// The router says that this claim holds the job.
  void run() {
    verdict.get().complete(true);
  }

  void stop(Stop why) {
    if (stop.compareAndSet(null, why)) {
      cancellation.cancel();
      verdict.get().complete(false);
    }
  }

  Optional<Stop> stopped() {
    return Optional.ofNullable(stop.get());
  }

  Cancellation cancellation() {
    return cancellation;
  }

  /// Forgets an earlier verdict, since a new one is to be asked for.
  void expectVerdict() {
    verdict.set(new CompletableFuture<>());
    if (stop.get() != null) {
      verdict.get().complete(false);
    }
  }

  /// Waits for a verdict or a stop; false when neither came in time.
  boolean awaitVerdict(Duration time) throws InterruptedException {
    try {
      verdict.get().get(time.toNanos(), TimeUnit.NANOSECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException("a verdict does not fail", e);
    }
  }
}
