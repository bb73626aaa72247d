package dev.sluice.router.core;

import dev.sluice.contract.model.JobId;

/// What time itself brings.
public sealed interface Due {
  /// A command to a job.
  record Commanded(JobId id, JobCommand command) implements Due {}

  /// A retry whose time has come: place it.
  record Placeable(JobId id) implements Due {}
}
