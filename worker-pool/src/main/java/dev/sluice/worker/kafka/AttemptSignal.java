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
  private final AtomicReference<Ask> ask = new AtomicReference<>(new Ask(0));

  /// @param answered with a verdict or a stop
  private record Ask(int number, CompletableFuture<Void> answered) {
    Ask(int number) {
      this(number, new CompletableFuture<>());
    }

    void answer() {
      answered.complete(null);
    }
  }

  /// The router says that this claim held the job at that ask, or does not say at which.
  ///
  /// @param asked from 0; negative when it does not say
  void run(int asked) {
    Ask current = ask.get();
    if (asked < 0 || asked == current.number) {
      current.answer();
    }
  }

  /// Which ask is to be answered, from 0.
  int ask() {
    return ask.get().number;
  }

  void stop(Stop why) {
    if (stop.compareAndSet(null, why)) {
      cancellation.cancel();
      ask.get().answer();
    }
  }

  Optional<Stop> stopped() {
    return Optional.ofNullable(stop.get());
  }

  Cancellation cancellation() {
    return cancellation;
  }

  /// Only the answer to another ask counts from now on.
  void expectVerdict() {
    Ask next = ask.updateAndGet(before -> new Ask(before.number + 1));
    if (stop.get() != null) {
      next.answer();
    }
  }

  /// Waits for a verdict or a stop; false when neither came in time.
  boolean awaitVerdict(Duration time) throws InterruptedException {
    try {
      ask.get().answered.get(time.toNanos(), TimeUnit.NANOSECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException("a verdict does not fail", e);
    }
  }
}
