package dev.sluice.ingress.core;

import dev.sluice.contract.model.Priority;
import java.util.Optional;

/// Which class a job waits in: what it names, else what its service tier means, else by how it
/// came.
public final class PriorityRule {

  private PriorityRule() {}

  /// @param named the job's own `priority`
  /// @param serviceTier the vendors' `service_tier`; empty when not given
  /// @param attached whether a caller waits for the result
  public static Priority decide(Optional<Priority> named, String serviceTier, boolean attached) {
    return named.orElseGet(() ->
        switch (serviceTier) {
          case "priority", "fast", "scale" -> Priority.INTERACTIVE;
          case "flex" -> Priority.BATCH;
          default -> attached ? Priority.INTERACTIVE : Priority.STANDARD;
        });
  }
}
