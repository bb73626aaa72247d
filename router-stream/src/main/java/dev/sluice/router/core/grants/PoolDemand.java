package dev.sluice.router.core.grants;

import dev.sluice.contract.model.Priority;
import java.util.Map;

/// What one task wants of one pool.
///
/// @param running calls that workers have, count
/// @param classes what its tenants can use, of each class that has any job
public record PoolDemand(int running, Map<Priority, DemandCurve> classes) {
  public static final PoolDemand NONE = new PoolDemand(0, Map.of());

  public PoolDemand {
    classes = Map.copyOf(classes);
  }

  public DemandCurve of(Priority priority) {
    return classes.getOrDefault(priority, DemandCurve.NONE);
  }

  /// Slots that its tenants can use at most.
  long jobs() {
    return classes.values().stream().mapToLong(DemandCurve::jobs).sum();
  }
}
