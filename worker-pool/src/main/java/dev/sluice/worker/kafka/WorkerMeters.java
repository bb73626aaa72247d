package dev.sluice.worker.kafka;

import dev.sluice.contract.model.Priority;
import dev.sluice.worker.core.AttemptOutcome;
import dev.sluice.worker.core.Breaker;
import dev.sluice.worker.core.ClaimRule;
import dev.sluice.worker.core.TokenUsage;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/// What the worker counts. No label is bounded by less than the configuration: pools, classes,
/// causes, never tenants or jobs.
public final class WorkerMeters {
  private final MeterRegistry registry;

  public WorkerMeters(MeterRegistry registry) {
    this.registry = registry;
  }

  <T> Gauge gauge(String name, String pool, T source, ToDoubleFunction<T> value) {
    return Gauge.builder("sluice.worker." + name, source, value)
        .tag("pool", pool)
        .register(registry);
  }

  void remove(Gauge gauge) {
    registry.remove(gauge);
  }

  void claimed(String pool, Priority priority, ClaimRule.Decision decision) {
    registry.counter("sluice.worker.claims", "pool", pool, "class", priority.key()).increment();
    if (decision.awaitsVerdict()) {
      verdictWait(decision);
    }
    if (decision == ClaimRule.Decision.AWAIT_REDELIVERED) {
      registry.counter("sluice.worker.redeliveries", "pool", pool).increment();
    }
  }

  void verdictWait(ClaimRule.Decision decision) {
    registry
        .counter("sluice.worker.verdict.waits", "reason", decision.name().toLowerCase(Locale.ROOT))
        .increment();
  }

  void claimLost(String pool) {
    registry.counter("sluice.worker.claims.unconfirmed", "pool", pool).increment();
  }

  void acknowledgementFailed(String pool) {
    registry.counter("sluice.worker.acknowledgements.failed", "pool", pool).increment();
  }

  void loopFailed(String pool) {
    registry.counter("sluice.worker.loop.failures", "pool", pool).increment();
  }

  void poison(String topic) {
    registry.counter("sluice.worker.poison", "topic", topic).increment();
  }

  void publishFailed(String what) {
    registry.counter("sluice.worker.publish.failures", "what", what).increment();
  }

  void breaker(String pool, Breaker.State to) {
    registry
        .counter(
            "sluice.worker.breaker.changes", "pool", pool, "to", to.name().toLowerCase(Locale.ROOT))
        .increment();
  }

  void probed(String pool, boolean alive) {
    registry
        .counter("sluice.worker.probes", "pool", pool, "alive", Boolean.toString(alive))
        .increment();
  }

  void ended(String pool, AttemptOutcome outcome) {
    String cause =
        switch (outcome) {
          case AttemptOutcome.Succeeded _, AttemptOutcome.Answered _ -> "none";
          case AttemptOutcome.Failed failed -> failed.failure().cause().name();
          case AttemptOutcome.NotCalled notCalled -> notCalled.failure().cause().name();
        };
    boolean called =
        outcome instanceof AttemptOutcome.Succeeded || outcome instanceof AttemptOutcome.Failed;
    registry
        .counter(
            "sluice.worker.outcomes",
            "pool",
            pool,
            "cause",
            cause.toLowerCase(Locale.ROOT),
            "called",
            Boolean.toString(called))
        .increment();
    if (called) {
      times(pool, outcome.times());
    }
    if (outcome instanceof AttemptOutcome.Succeeded succeeded) {
      tokens(pool, succeeded.usage());
    } else if (outcome instanceof AttemptOutcome.Failed failed) {
      tokens(pool, failed.usage());
    }
  }

  private void tokens(String pool, TokenUsage usage) {
    usage
        .tokens()
        .forEach((kind, count) ->
            registry
                .counter("sluice.worker.tokens", "pool", pool, "kind", kind.key())
                .increment(count));
  }

  private void times(String pool, AttemptOutcome.CallTimes times) {
    registry
        .timer("sluice.worker.call.duration", "pool", pool)
        .record(Duration.between(times.startedAt(), times.finishedAt()));
    times
        .firstTokenAt()
        .ifPresent(first ->
            registry
                .timer("sluice.worker.time.to.first.token", "pool", pool)
                .record(Duration.between(times.startedAt(), first)));
  }
}
