package dev.sluice.router.core;

import dev.sluice.contract.model.JobId;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/// Releases found at takeover, which may have been lost with the predecessor. They are sent again
/// only after the commands of that time have been read: a claim may be among them, and its call
/// would be made twice. Owned by one thread.
public final class UnclaimedReleases {
  private final long commandsAtTakeover;
  private List<Job> releases;

  /// @param releases jobs found released at takeover
  /// @param commandsAtTakeover next offset of the commands at that time
  public UnclaimedReleases(List<Job> releases, long commandsAtTakeover) {
    this.commandsAtTakeover = commandsAtTakeover;
    this.releases = List.copyOf(releases);
  }

  /// The jobs to release again: those that have not moved since. Says so once.
  ///
  /// @param commandsRead next offset to read
  public List<JobId> due(long commandsRead, Function<JobId, Optional<Job>> current) {
    if (releases.isEmpty() || commandsRead < commandsAtTakeover) {
      return List.of();
    }
    List<JobId> unmoved =
        releases.stream()
            .filter(before ->
                current
                    .apply(before.id())
                    .filter(now -> now.transition() == before.transition())
                    .isPresent())
            .map(Job::id)
            .toList();
    releases = List.of();
    return unmoved;
  }
}
