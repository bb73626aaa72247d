package dev.sluice.contract.model;

import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/// All that is held back at one moment. Immutable.
public final class Controls {
  public static final Controls NONE = new Controls(Map.of());

  private final Map<Control.Target, Control> all;
  private final Set<String> draining;

  private Controls(Map<Control.Target, Control> all) {
    this.all = Map.copyOf(all);
    this.draining =
        this.all.values().stream()
            .filter(control -> control.mode() == Control.Mode.DRAINING)
            .flatMap(control -> pool(control.target()).stream())
            .collect(Collectors.toUnmodifiableSet());
  }

  public static Controls of(Collection<Control> controls) {
    return controls.isEmpty()
        ? NONE
        : new Controls(
            controls.stream().collect(Collectors.toMap(Control::target, Function.identity())));
  }

  public Collection<Control> all() {
    return all.values();
  }

  public boolean isEmpty() {
    return all.isEmpty();
  }

  public Optional<Control> of(Control.Target target) {
    return all.isEmpty() ? Optional.empty() : Optional.ofNullable(all.get(target));
  }

  /// What holds a whole tenant back.
  public Optional<Control> ofTenant(String tenant) {
    return all.isEmpty() ? Optional.empty() : of(new Control.Tenant(tenant));
  }

  /// What holds a job back but not its whole tenant: its group, or itself.
  public Optional<Control> ofJob(String tenant, Optional<String> group, JobId id) {
    if (all.isEmpty()) {
      return Optional.empty();
    }
    return group
        .flatMap(name -> of(new Control.Group(tenant, name)))
        .or(() -> of(new Control.Job(tenant, id)));
  }

  /// What holds a pool back.
  public Optional<Control> ofPool(String pool) {
    return all.isEmpty() ? Optional.empty() : of(new Control.Pool(pool));
  }

  /// Pools that jobs are to go around.
  public Set<String> draining() {
    return draining;
  }

  private static Optional<String> pool(Control.Target target) {
    return target instanceof Control.Pool(String id) ? Optional.of(id) : Optional.empty();
  }
}
