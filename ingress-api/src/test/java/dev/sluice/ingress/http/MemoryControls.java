package dev.sluice.ingress.http;

import dev.sluice.contract.model.Control;
import dev.sluice.contract.model.Controls;
import dev.sluice.ingress.log.ControlLog;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/// Controls in memory.
final class MemoryControls implements ControlLog {
  final AtomicInteger written = new AtomicInteger();
  private final Map<Control.Target, Control> all = new ConcurrentHashMap<>();

  @Override
  public Controls current() {
    return Controls.of(all.values());
  }

  @Override
  public Controls settled() {
    return current();
  }

  @Override
  public void put(Control control) {
    written.incrementAndGet();
    all.put(control.target(), control);
  }

  @Override
  public void remove(Control.Target target) {
    written.incrementAndGet();
    all.remove(target);
  }
}
