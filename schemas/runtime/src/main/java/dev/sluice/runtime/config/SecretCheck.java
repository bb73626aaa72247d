package dev.sluice.runtime.config;

import dev.sluice.runtime.config.ConfigInput.Demand;
import java.util.List;
import java.util.Optional;

/// Resolves the secrets of a configuration; one that is missing is a problem where this process
/// needs it, else a note. For one thread.
final class SecretCheck {
  private static final Secret NONE = Secret.of("");

  private final SecretSource source;
  private final Demand demand;
  private final Problems problems;

  SecretCheck(SecretSource source, Demand demand, Problems problems) {
    this.source = source;
    this.demand = demand;
    this.problems = problems;
  }

  /// A text of `server` with its references replaced; an empty secret where that cannot be done.
  Secret ofServer(Entry entry) {
    return resolve(entry, demand != Demand.NONE);
  }

  /// Looks at every reference of the policy; resolving them is the work of whoever uses them.
  void ofPolicy(Settings root) {
    for (Settings tenant : root.sections("tenants")) {
      tenant.sections("keys").forEach(key -> look(key.entry("secret")));
    }
    root.sections("pools").forEach(pool -> look(pool.entry("api_key")));
  }

  private void look(Optional<Entry> reference) {
    for (Entry entry : reference.map(List::of).orElse(List.of())) {
      var _ = resolve(entry, demand == Demand.ALL);
    }
  }

  private Secret resolve(Entry entry, boolean needed) {
    try {
      return source.expand(entry.text());
    } catch (MissingSecretException e) {
      if (needed) {
        problems.add(entry.where(), entry.path(), String.valueOf(e.getMessage()));
      } else {
        problems.note(entry.where(), entry.path(), String.valueOf(e.getMessage()));
      }
      return NONE;
    }
  }
}
