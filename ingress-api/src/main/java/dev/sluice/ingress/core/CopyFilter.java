package dev.sluice.ingress.core;

import dev.sluice.contract.model.JobId;
import java.util.LinkedHashMap;
import java.util.Map;

/// Which records of the shared topics a tenant's own topics get: what a watcher would be shown, so
/// neither repeats nor parts of claims that lost. Remembers so many jobs of a partition, the last
/// ones. Owned by one thread.
public final class CopyFilter {
  private final Map<JobId, EventFilter.State> events;
  private final Map<JobId, Boolean> results;

  /// @param jobs how many are remembered
  public CopyFilter(int jobs) {
    events = latest(jobs);
    results = latest(jobs);
  }

  private static <V> Map<JobId, V> latest(int limit) {
    return new LinkedHashMap<>(16, 0.75f, true) {
      private static final long serialVersionUID = 1L;

      @Override
      protected boolean removeEldestEntry(Map.Entry<JobId, V> eldest) {
        return size() > limit;
      }
    };
  }

  /// What of an event is shown.
  public EventFilter.Shown event(JobId id, EventFilter.Event event) {
    EventFilter.Step step =
        EventFilter.next(events.getOrDefault(id, EventFilter.State.START), event);
    events.put(id, step.state());
    return step.shown();
  }

  /// Whether a job's terminal record is the first.
  public boolean result(JobId id) {
    return results.put(id, true) == null;
  }
}
