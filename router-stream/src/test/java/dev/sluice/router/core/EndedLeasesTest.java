package dev.sluice.router.core;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Set;
import org.junit.jupiter.api.Test;

class EndedLeasesTest {
  private static final Set<String> LOST = Set.of("a");

  private final EndedLeases leases = new EndedLeases();

  private Set<String> due(Set<String> lost, long commandsNow, long commandsRead) {
    return leases.due(lost, () -> commandsNow, commandsRead, Jobs.NOW);
  }

  @Test
  void nothingIsSettledBeforeTheCommandsOfThatMomentHaveBeenRead() {
    assertEquals(Set.of(), due(LOST, 10, 7));
    assertEquals(Set.of(), due(LOST, 20, 9));
    assertEquals(LOST, due(LOST, 20, 10));
  }

  @Test
  void aLeaseThatEndsWhenAllIsReadIsDueAtOnce() {
    assertEquals(LOST, due(LOST, 10, 10));
  }

  @Test
  void aWorkerThatShowsSignsOfLifeMeanwhileKeepsItsCalls() {
    due(LOST, 10, 7);
    due(Set.of(), 10, 8);

    assertEquals(Set.of(), due(LOST, 20, 10));
  }

  @Test
  void eachWorkerWaitsForItsOwnMoment() {
    due(LOST, 10, 7);

    assertEquals(LOST, due(Set.of("a", "b"), 20, 10));
    assertEquals(Set.of("b"), due(Set.of("b"), 20, 20));
  }

  @Test
  void aNewOwnerThatDoesNotKnowWhatHasBeenReadWaitsNoLongerThanTheLimit() {
    due(LOST, 10, 7);

    assertEquals(LOST, leases.due(LOST, () -> 10, 7, Jobs.NOW.plus(EndedLeases.LIMIT)));
  }
}
