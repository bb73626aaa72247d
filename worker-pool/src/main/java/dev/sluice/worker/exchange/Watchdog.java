package dev.sluice.worker.exchange;

import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// Ends calls that are silent or last too long, since the JDK's client has no timeout for a body.
/// One thread looks at all calls forty times a second; a call pays two volatile writes for each
/// read.
///
/// Safe for use by many threads.
public final class Watchdog implements AutoCloseable {
  private static final Duration TICK = Duration.ofMillis(25);

  private final Set<Watch> watched = ConcurrentHashMap.newKeySet();
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("sluice-watchdog").daemon().factory());

  /// Why a call was ended.
  public enum Reason {
    FIRST_TOKEN,
    IDLE,
    TOTAL,
    CANCELLED
  }

  /// Watches one call. The first reason to end it wins, and its action runs once.
  public final class Watch implements AutoCloseable {
    private final Runnable end;
    private final long totalDeadline;
    private final AtomicReference<@Nullable Reason> reason = new AtomicReference<>();
    private volatile Reason silenceReason = Reason.FIRST_TOKEN;
    private volatile long silenceDeadline;

    private Watch(Duration firstToken, Duration total, Runnable end) {
      long now = System.nanoTime();
      this.end = end;
      this.silenceDeadline = now + firstToken.toNanos();
      this.totalDeadline = now + total.toNanos();
    }

    /// The next piece is waited for: the silence may last that long.
    public void listen(Duration idle) {
      silenceReason = Reason.IDLE;
      silenceDeadline = System.nanoTime() + idle.toNanos();
    }

    /// Something came. While it is passed on, which can take long where the broker is away, nobody
    /// listens, and the silence is not the provider's.
    public void heard() {
      silenceDeadline = totalDeadline;
    }

    public void cancel() {
      end(Reason.CANCELLED);
    }

    /// Why the call was ended by this watch, if it was.
    public Optional<Reason> ended() {
      return Optional.ofNullable(reason.get());
    }

    @Override
    public void close() {
      watched.remove(this);
    }

    private void check(long now) {
      if (now - totalDeadline >= 0) {
        end(Reason.TOTAL);
      } else if (now - silenceDeadline >= 0) {
        end(silenceReason);
      }
    }

    private void end(Reason why) {
      if (reason.compareAndSet(null, why)) {
        watched.remove(this);
        end.run();
      }
    }
  }

  public Watchdog() {
    var _ =
        timer.scheduleAtFixedRate(
            this::tick, TICK.toMillis(), TICK.toMillis(), TimeUnit.MILLISECONDS);
  }

  /// Begins to watch a call.
  ///
  /// @param end closes the call's connection; must not block
  public Watch watch(Duration firstToken, Duration total, Runnable end) {
    Watch watch = new Watch(firstToken, total, end);
    watched.add(watch);
    return watch;
  }

  private void tick() {
    if (!watched.isEmpty()) {
      long now = System.nanoTime();
      watched.forEach(watch -> watch.check(now));
    }
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
