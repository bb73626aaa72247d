package dev.sluice.ingress.callback;

import dev.sluice.ingress.core.callback.AttemptAnswer;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.function.Supplier;

/// What callbacks count. Labels are bounded: neither tenants nor receivers.
final class CallbackMeters {
  private final MeterRegistry registry;
  private final Counter raised;
  private final Counter unusable;
  private final Counter unwritten;
  private final Timer lag;

  CallbackMeters(MeterRegistry registry) {
    this.registry = registry;
    this.raised =
        Counter.builder("sluice.callback.events")
            .description("events raised for somebody who asked")
            .register(registry);
    this.unusable =
        Counter.builder("sluice.callback.records.unusable")
            .description("records that callbacks could not use")
            .register(registry);
    this.unwritten =
        Counter.builder("sluice.callback.unwritten")
            .description(
                "outcomes of attempts that the log did not take, so that they are made again")
            .register(registry);
    this.lag =
        Timer.builder("sluice.callback.lag")
            .description("from the event to its first attempt")
            .register(registry);
  }

  void waiting(Supplier<Number> count) {
    Gauge.builder("sluice.callback.waiting", count)
        .description("deliveries in memory that are not over")
        .register(registry);
  }

  void raised(int count) {
    raised.increment(count);
  }

  void unusable() {
    unusable.increment();
  }

  void unwritten() {
    unwritten.increment();
  }

  void first(Duration sinceEvent) {
    lag.record(sinceEvent.isNegative() ? Duration.ZERO : sinceEvent);
  }

  void attempt(AttemptAnswer answer, Duration took) {
    String outcome =
        switch (answer) {
          case AttemptAnswer.Answered(int status, _) -> status / 100 + "xx";
          case AttemptAnswer.Failed(String reason, _) -> reason;
        };
    Timer.builder("sluice.callback.attempts")
        .description("calls to receivers")
        .tag("outcome", outcome)
        .register(registry)
        .record(took);
  }

  /// @param how `delivered`, `exhausted`, `disabled`
  void over(String how) {
    Counter.builder("sluice.callback.over")
        .description("deliveries that are over")
        .tag("outcome", how)
        .register(registry)
        .increment();
  }
}
