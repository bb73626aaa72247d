package dev.sluice.deploy;

import dev.sluice.runtime.http.Readiness;
import dev.sluice.runtime.lifecycle.Service;
import dev.sluice.runtime.telemetry.LogKeys;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// How long each service of a process took from its start until it could serve: of a router that is
/// to read its log back and to take its tasks over. Owned by the thread that starts them.
final class StartTimes {
  private static final Logger LOG = LoggerFactory.getLogger(StartTimes.class);

  private final MeterRegistry meters;

  /// When those were started that could not serve yet, [System#nanoTime].
  private final Map<String, Long> starting = new HashMap<>();

  StartTimes(MeterRegistry meters) {
    this.meters = meters;
  }

  /// Starts one.
  void start(Service service) {
    starting.put(service.name(), System.nanoTime());
    service.start();
  }

  /// Tells of those that have begun to serve since it was last called.
  ///
  /// @param waitingFor what is not ready now
  void look(List<Readiness.Waiting> waitingFor) {
    long now = System.nanoTime();
    List<String> late = waitingFor.stream().map(Readiness.Waiting::service).toList();
    starting
        .entrySet()
        .removeIf(one -> {
          boolean ready = !late.contains(one.getKey());
          if (ready) {
            tell(one.getKey(), Duration.ofNanos(now - one.getValue()));
          }
          return ready;
        });
  }

  private void tell(String service, Duration took) {
    Gauge.builder("sluice.service.start", () -> took.toNanos() / 1e9)
        .baseUnit("seconds")
        .description("from a service's start until it could serve")
        .tag("service", service)
        .register(meters);
    LOG.atInfo()
        .addKeyValue(LogKeys.SERVICE, service)
        .addKeyValue(LogKeys.DURATION_MILLIS, took.toMillis())
        .log("service can serve");
  }
}
