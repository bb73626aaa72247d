package dev.sluice.router.core;

import dev.sluice.contract.model.JobId;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Which worker may be running which calls, those that were taken from it included. Owned by one
/// thread.
public final class WorkerCalls {
  private final Map<String, Set<JobId>> byWorker = new HashMap<>();

  void started(String worker, JobId id) {
    byWorker.computeIfAbsent(worker, _ -> new LinkedHashSet<>()).add(id);
  }

  void stopped(String worker, JobId id) {
    Set<JobId> held = byWorker.get(worker);
    if (held != null) {
      held.remove(id);
      if (held.isEmpty()) {
        byWorker.remove(worker);
      }
    }
  }

  public List<JobId> of(String worker) {
    return List.copyOf(byWorker.getOrDefault(worker, Set.of()));
  }

  /// Workers that may be running something.
  public Set<String> busy() {
    return Set.copyOf(byWorker.keySet());
  }
}
