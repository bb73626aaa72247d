package dev.sluice.runtime.telemetry;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;

/// The metrics of one process, each named `sluice_…`, whoever registers it.
public final class ProcessMeters implements AutoCloseable {
  private static final String PREFIX = "sluice.";

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final JvmGcMetrics garbage = new JvmGcMetrics();

  public ProcessMeters() {
    registry.config().meterFilter(new Prefix());
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
    garbage.bindTo(registry);
  }

  public PrometheusMeterRegistry registry() {
    return registry;
  }

  /// All metrics in Prometheus's text format.
  public String scrape() {
    return registry.scrape();
  }

  @Override
  public void close() {
    garbage.close();
    registry.close();
  }

  private static final class Prefix implements MeterFilter {
    @Override
    public Meter.Id map(Meter.Id id) {
      return id.getName().startsWith(PREFIX) ? id : id.withName(PREFIX + id.getName());
    }
  }
}
