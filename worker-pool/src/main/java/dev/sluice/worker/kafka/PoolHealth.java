package dev.sluice.worker.kafka;

import dev.sluice.contract.avro.BreakerState;
import dev.sluice.contract.avro.PoolPulse;
import dev.sluice.contract.model.Policy.ProviderKind;
import dev.sluice.runtime.telemetry.LogKeys;
import dev.sluice.worker.core.Breaker;
import dev.sluice.worker.core.Cause;
import dev.sluice.worker.core.Failure;
import dev.sluice.worker.core.Pacer;
import dev.sluice.worker.core.RateLimits;
import dev.sluice.worker.provider.AnswerSink;
import dev.sluice.worker.provider.Cancellation;
import dev.sluice.worker.provider.ProviderAnswer;
import dev.sluice.worker.provider.ProviderRequest;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Stands between one pool's provider and the calls to it: lets them begin as breaker and pace
/// allow, learns from how they end, probes, and sizes the gate. A simulated provider fails as it is
/// asked to, which says nothing about others' calls: it is neither watched nor paced.
///
/// While the breaker is open the gate lets everything through, so that released work is given back
/// at once instead of waiting for a slot. Safe for use by many threads.
final class PoolHealth {
  private static final Logger LOG = LoggerFactory.getLogger(PoolHealth.class);

  /// Part of a pool's slots that are tried while it is on probation.
  private static final int PROBATION_PART = 10;

  private final PoolDesk desk;
  private final WorkerMeters meters;
  private final Runnable changed;
  private final Breaker breaker = new Breaker();
  private final Pacer pacer = new Pacer();
  private int share;
  private int slots;
  private int probationSlots;
  private boolean probing;

  PoolHealth(PoolDesk desk, int share, WorkerMeters meters, Runnable changed) {
    this.desk = desk;
    this.share = share;
    this.slots = share;
    this.meters = meters;
    this.changed = changed;
  }

  private static long now() {
    return System.nanoTime();
  }

  private String pool() {
    return desk.pool().id();
  }

  private boolean watched() {
    return desk.pool().provider() != ProviderKind.SIMULATED;
  }

  /// This worker's slots, and who else calls the pool.
  synchronized void share(int mine, Set<String> others) {
    share = mine;
    pacer.sharedBy(others.size() + 1);
    breaker.living(others);
    fit();
  }

  /// Waits until a call may begin; answers why none may.
  ///
  /// @return empty also when it was cancelled meanwhile
  Optional<Failure> admit(Cancellation cancellation) throws InterruptedException {
    while (watched()) {
      long wait;
      synchronized (this) {
        if (breaker.open()) {
          return Optional.of(down());
        }
        wait = pacer.reserve(now());
      }
      if (wait > Pacer.MAX_WAIT.toNanos()) {
        return Optional.of(throttled(Duration.ofNanos(wait)));
      }
      if (wait == 0 || cancellation.await(Duration.ofNanos(wait)) || mayBegin()) {
        return Optional.empty();
      }
    }
    return Optional.empty();
  }

  /// Whether nothing has happened during the wait.
  private synchronized boolean mayBegin() {
    return !breaker.open() && pacer.paused(now()) == 0;
  }

  private Failure down() {
    return Failure.of(
        Cause.DOWN, "pool " + pool() + " is not called: its provider is down (breaker open)");
  }

  private Failure throttled(Duration wait) {
    return new Failure(
        Cause.THROTTLED,
        Cause.THROTTLED.usualCode(),
        "pool " + pool() + " is not called: its provider's rate limit is used up",
        0,
        Optional.of(wait),
        Optional.empty());
  }

  /// Makes a call, as [dev.sluice.worker.provider.Provider#call] has it.
  ProviderAnswer call(ProviderRequest request, AnswerSink sink, Cancellation cancellation)
      throws InterruptedException {
    return call(request, sink, cancellation, this::failed);
  }

  /// Makes the call of a shadow copy: it keeps the pool's pace, and opens no breaker for others.
  ProviderAnswer callAside(ProviderRequest request, AnswerSink sink, Cancellation cancellation)
      throws InterruptedException {
    return call(
        request,
        sink,
        cancellation,
        (begun, failure) -> {
          if (failure.cause() == Cause.THROTTLED) {
            failed(begun, failure);
          }
        });
  }

  /// What a failure says of the pool.
  private interface Judge {
    void failed(long begun, Failure failure);
  }

  private ProviderAnswer call(
      ProviderRequest request, AnswerSink sink, Cancellation cancellation, Judge judge)
      throws InterruptedException {
    if (!watched()) {
      return desk.provider().call(request, sink, cancellation);
    }
    long begun = now();
    long number;
    synchronized (this) {
      number = pacer.began();
    }
    ProviderAnswer answer = null;
    try {
      answer = desk.provider().call(request, watching(sink, begun, number), cancellation);
      return answer;
    } finally {
      ended(begun, answer, judge);
    }
  }

  private AnswerSink watching(AnswerSink sink, long begun, long number) {
    return new AnswerSink() {
      private boolean streams;

      @Override
      public void rateLimits(RateLimits limits) {
        told(limits, number);
      }

      @Override
      public void firstByte() {
        sink.firstByte();
      }

      @Override
      public void chunk(byte[] data) {
        if (!streams) {
          streams = true;
          answered(begun);
        }
        sink.chunk(data);
      }
    };
  }

  private synchronized void told(RateLimits limits, long number) {
    pacer.told(limits, number, now());
    fit();
  }

  private void answered(long begun) {
    Breaker.State before;
    synchronized (this) {
      before = breaker.state();
      breaker.answered(begun, now());
    }
    follow(before);
  }

  private void ended(long begun, @Nullable ProviderAnswer answer, Judge judge) {
    Breaker.State before;
    boolean pauses;
    synchronized (this) {
      before = breaker.state();
      boolean ran = pacer.paused(now()) == 0;
      if (answer instanceof ProviderAnswer.Complete complete) {
        long tokens = complete.usage().tokens().values().stream().mapToLong(Long::longValue).sum();
        pacer.answered(begun, now(), tokens);
        breaker.answered(begun, now());
      } else if (answer instanceof ProviderAnswer.Broken broken) {
        judge.failed(begun, broken.failure());
      }
      fit();
      pauses = ran && pacer.paused(now()) > 0;
    }
    follow(before);
    if (pauses) {
      changed.run();
    }
  }

  private void failed(long begun, Failure failure) {
    switch (failure.cause()) {
      case DOWN, TIMEOUT -> {
        breaker.failed(begun, now());
        if (breaker.suspects()) {
          probe();
        }
      }
      case THROTTLED -> {
        breaker.answered(begun, now());
        pacer.throttled(begun, now(), failure.retryAfter().orElse(Duration.ZERO).toNanos());
      }
      case REFUSED, TOO_LONG, INVALID_KEY -> breaker.answered(begun, now());
      case BAD_ANSWER, CANCELLED, EXPIRED, WORKER_LOST, INTERNAL -> {
        // Says nothing about the next call.
      }
    }
  }

  /// Another worker tells how it sees the pool.
  void heard(String worker, PoolPulse pulse) {
    if (!watched()) {
      return;
    }
    Breaker.State before;
    synchronized (this) {
      before = breaker.state();
      boolean peerOpen = pulse.getBreaker() == BreakerState.OPEN;
      if (breaker.heard(worker, peerOpen, pulse.getOpenings(), now())) {
        probe();
      }
      pacer.heard(pulse.getRate(), Duration.ofMillis(pulse.getPausedMs()).toNanos(), now());
    }
    follow(before);
  }

  /// Once a second: probes while open, and lets the pace grow.
  void look() {
    Breaker.State before;
    synchronized (this) {
      before = breaker.state();
      breaker.pass(now());
      if (breaker.probes()) {
        probe();
      }
      fit();
    }
    follow(before);
  }

  private synchronized void probe() {
    if (!probing) {
      probing = true;
      Thread.startVirtualThread(this::probeNow);
    }
  }

  private void probeNow() {
    boolean alive;
    try {
      alive = desk.provider().probe();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    meters.probed(pool(), alive);
    Breaker.State before;
    synchronized (this) {
      probing = false;
      before = breaker.state();
      breaker.probed(alive, now());
    }
    follow(before);
  }

  /// Tells the world of a change of the breaker.
  private void follow(Breaker.State before) {
    Breaker.State after;
    synchronized (this) {
      after = breaker.state();
      if (after == before) {
        return;
      }
      if (after == Breaker.State.PROBATION) {
        // Calls that still hang from before must not keep the trial from running.
        probationSlots = desk.gate().used() + Math.max(1, share / PROBATION_PART);
      }
      fit();
    }
    changed.run();
    meters.breaker(pool(), after);
    LOG.atWarn().addKeyValue(LogKeys.POOL, pool()).addKeyValue("to", after).log("breaker changed");
  }

  private synchronized void fit() {
    slots =
        switch (breaker.state()) {
          case OPEN -> 0;
          case PROBATION -> probationSlots;
          case CLOSED -> pacer.paused(now()) > 0 ? 1 : pacer.slots(share, now());
        };
    desk.gate().resize(breaker.open() ? Integer.MAX_VALUE : slots);
  }

  synchronized boolean open() {
    return breaker.open();
  }

  /// Calls at once, count; 0 while nothing is called.
  synchronized int slots() {
    return slots;
  }

  /// Calls a second that the pace allows, 0 when nothing bounds it.
  synchronized double rate() {
    double rate = pacer.rate(now());
    return Double.isInfinite(rate) ? 0 : rate;
  }

  /// How long nothing is called for the provider's wish, seconds.
  synchronized double pausedSeconds() {
    return pacer.paused(now()) / 1e9;
  }

  /// What others are told.
  synchronized PoolPulse pulse() {
    return PoolPulse.newBuilder()
        .setPool(pool())
        .setBreaker(
            switch (breaker.state()) {
              case CLOSED -> BreakerState.CLOSED;
              case PROBATION -> BreakerState.PROBATION;
              case OPEN -> BreakerState.OPEN;
            })
        .setOpenings(breaker.openings())
        .setSlots(slots)
        .setRate(rate())
        .setPausedMs(Duration.ofNanos(pacer.paused(now())).toMillis())
        .build();
  }
}
