package dev.sluice.router.core;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.contract.model.JobId;
import java.util.List;
import org.junit.jupiter.api.Test;

class UnclaimedReleasesTest {
  private static final Job RELEASED = Jobs.released(Jobs.waiting(1));
  private static final Job RELEASED_AND_CLAIMED_SINCE = Jobs.released(Jobs.waiting(2));

  private final TaskState state = new TaskState();
  private final UnclaimedReleases releases;

  UnclaimedReleasesTest() {
    List.of(RELEASED, RELEASED_AND_CLAIMED_SINCE).forEach(state::apply);
    releases = new UnclaimedReleases(List.of(RELEASED, RELEASED_AND_CLAIMED_SINCE), 10);
  }

  private List<JobId> due(long commandsRead) {
    return releases.due(commandsRead, state::job);
  }

  @Test
  void nothingIsReleasedAgainBeforeTheClaimsOfThatTimeHaveBeenRead() {
    assertEquals(List.of(), due(9));
  }

  @Test
  void whatNobodyClaimedIsReleasedAgainOnce() {
    state.apply(Jobs.after(RELEASED_AND_CLAIMED_SINCE, Jobs.claim(1, 7)));

    assertEquals(List.of(RELEASED.id()), due(10));
    assertEquals(List.of(), due(11));
  }
}
