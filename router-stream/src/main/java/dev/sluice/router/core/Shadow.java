package dev.sluice.router.core;

import dev.sluice.contract.model.JobId;
import java.util.List;

/// What a job has to do with shadow copies; part of the record of those that have.
public sealed interface Shadow {

  /// A job that is copied. Its copies come into the log right after its release; whether they have
  /// is known from its own next record on.
  ///
  /// @param targets where each copy goes, by its number from 0
  /// @param due whether a copy may be missing in the log
  record Cast(List<Target> targets, boolean due) implements Shadow {
    public Cast {
      targets = List.copyOf(targets);
    }
  }

  /// A copy.
  record CopyOf(JobId primary) implements Shadow {}

  /// Where a copy goes.
  ///
  /// @param model name sent to the provider
  record Target(String pool, String model) {}

  /// The same one transition later.
  default Shadow later() {
    return this instanceof Cast(List<Target> targets, boolean due) && due
        ? new Cast(targets, false)
        : this;
  }
}
