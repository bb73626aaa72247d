package dev.sluice.router.core;

import dev.sluice.contract.model.JobId;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Equal jobs in flight: which of them makes the call, its leader, and which wait for its answer.
/// Derived from the jobs alone, whatever their order. Owned by one thread.
public final class Flights {
  private final Map<Digest, Set<JobId>> leaders = new HashMap<>();
  private final Map<JobId, Set<JobId>> followers = new HashMap<>();
  private final Map<JobId, JobId> leaderOf = new HashMap<>();

  /// Takes a job's after-image.
  public void apply(Job after) {
    after.cache().ifPresent(use -> apply(after, use));
  }

  private void apply(Job job, CacheUse use) {
    boolean lives = !job.done();
    put(leaders, use.key(job.tenant()), job.id(), lives && use.leads());
    JobId before = leaderOf.remove(job.id());
    if (before != null) {
      put(followers, before, job.id(), false);
    }
    if (lives && use.leader().isPresent()) {
      leaderOf.put(job.id(), use.leader().get());
      put(followers, use.leader().get(), job.id(), true);
    }
  }

  private static <K> void put(Map<K, Set<JobId>> index, K key, JobId id, boolean is) {
    if (is) {
      index.computeIfAbsent(key, _ -> new HashSet<>()).add(id);
      return;
    }
    index.computeIfPresent(
        key,
        (_, ids) -> {
          ids.remove(id);
          return ids.isEmpty() ? null : ids;
        });
  }

  /// The jobs in flight whose answer an equal one can wait for, oldest first.
  public List<JobId> leaders(Digest key) {
    return leaders.getOrDefault(key, Set.of()).stream().sorted().toList();
  }

  /// Jobs that wait for another's answer, oldest first.
  public List<JobId> followers(JobId leader) {
    return followers.getOrDefault(leader, Set.of()).stream().sorted().toList();
  }

  /// Jobs that others wait for.
  public List<JobId> followed() {
    return List.copyOf(followers.keySet());
  }
}
