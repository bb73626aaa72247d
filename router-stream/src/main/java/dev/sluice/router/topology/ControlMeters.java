package dev.sluice.router.topology;

import dev.sluice.contract.model.Control;
import dev.sluice.contract.model.Controls;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// What is held back, as metrics: how many of each kind, and which pools. Safe for use by many
/// threads.
final class ControlMeters {
  private final MeterRegistry registry;
  private final Set<String> shown = ConcurrentHashMap.newKeySet();
  private volatile Controls current = Controls.NONE;

  ControlMeters(MeterRegistry registry) {
    this.registry = registry;
    count("tenant", Control.Tenant.class);
    count("group", Control.Group.class);
    count("job", Control.Job.class);
    count("pool", Control.Pool.class);
  }

  void learn(Controls controls) {
    current = controls;
    for (Control control : controls.all()) {
      if (control.target() instanceof Control.Pool(String pool) && shown.add(pool)) {
        show(pool);
      }
    }
  }

  private void count(String kind, Class<? extends Control.Target> target) {
    Gauge.builder("sluice.router.controls", this, all -> all.of(target))
        .tag("kind", kind)
        .description("what is paused or drained")
        .register(registry);
  }

  private double of(Class<? extends Control.Target> target) {
    return current.all().stream().filter(control -> target.isInstance(control.target())).count();
  }

  private void show(String pool) {
    for (Control.Mode mode : Control.Mode.values()) {
      Gauge.builder("sluice.router.pool.stopped", this, all -> all.stopped(pool, mode) ? 1 : 0)
          .tag("pool", pool)
          .tag("mode", mode.name().toLowerCase(Locale.ROOT))
          .description("whether nothing new is released to it")
          .register(registry);
    }
  }

  private boolean stopped(String pool, Control.Mode mode) {
    return current.ofPool(pool).filter(control -> control.mode() == mode).isPresent();
  }
}
