package dev.sluice.router.topology;

import dev.sluice.router.core.TaskGrants;
import dev.sluice.router.core.grants.Demands;

/// Where router tasks tell each other what they want. Safe for use by many threads.
interface DemandBoard {
  /// What all tasks want, as it was read last; the same instance until something is read.
  Demands demands();

  /// A task of this process wants this from now on.
  void tell(int task, TaskGrants.Telling telling);

  /// A task is no longer of this process.
  void withdraw(int task);
}
