package dev.sluice.router.core;

import dev.sluice.contract.model.Control;
import dev.sluice.contract.model.JobId;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Jobs that name a group and have not ended. Owned by one thread.
final class GroupMembers {
  private final Map<Control.Group, Set<JobId>> members = new HashMap<>();

  List<JobId> of(Control.Group group) {
    return List.copyOf(members.getOrDefault(group, Set.of()));
  }

  /// Takes a job as it now is.
  void count(Job job) {
    if (job.done()) {
      forget(job);
    } else if (job.group().isPresent()) {
      members.computeIfAbsent(group(job), _ -> new LinkedHashSet<>()).add(job.id());
    }
  }

  void forget(Job job) {
    if (job.group().isPresent()) {
      members.computeIfPresent(
          group(job),
          (_, ids) -> {
            ids.remove(job.id());
            return ids.isEmpty() ? null : ids;
          });
    }
  }

  private static Control.Group group(Job job) {
    return new Control.Group(job.tenant(), job.group().orElseThrow());
  }
}
