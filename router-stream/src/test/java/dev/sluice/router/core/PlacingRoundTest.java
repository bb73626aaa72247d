package dev.sluice.router.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.model.JobId;
import dev.sluice.contract.model.Policy;
import dev.sluice.contract.model.Priority;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Other rules hold, and what waits is placed by them some at a time.
class PlacingRoundTest {
  private static final Policy POLICY = Jobs.policy(10);

  private final TaskState state = new TaskState();

  @BeforeEach
  void threeWait() {
    for (Priority priority : List.of(Priority.BATCH, Priority.INTERACTIVE, Priority.STANDARD)) {
      Job job = Jobs.waiting(priority.ordinal(), "acme", priority, 100);
      state.apply(job);
      state.place(job.id(), Jobs.routing(POLICY));
    }
  }

  private static JobId id(Priority priority) {
    return Jobs.waiting(priority.ordinal()).id();
  }

  private List<JobId> round() {
    List<JobId> all = new ArrayList<>();
    for (Optional<JobId> next = state.nextToPlace(); next.isPresent(); next = state.nextToPlace()) {
      all.add(next.get());
      state.place(next.get(), Jobs.routing(POLICY));
    }
    return all;
  }

  @Test
  void theUrgentArePlacedFirstAndEachOnce() {
    assertEquals(List.of(), round());

    state.placeAnew(_ -> true);

    assertEquals(
        List.of(id(Priority.INTERACTIVE), id(Priority.STANDARD), id(Priority.BATCH)), round());
  }

  @Test
  void whoCameFirstIsPlacedFirstWithinAClass() {
    List<JobId> inOrder = new ArrayList<>(List.of(id(Priority.BATCH)));
    for (int number = 20; number > 10; number--) {
      Job job = Jobs.waiting(number, "acme", Priority.BATCH, 100);
      state.apply(job);
      inOrder.add(job.id());
    }

    state.placeAnew(_ -> true);

    List<JobId> placed = round();
    assertEquals(inOrder, placed.subList(2, placed.size()));
  }

  @Test
  void aRoundThatIsNotOverBeginsAnew() {
    state.placeAnew(_ -> true);
    state.place(state.nextToPlace().orElseThrow(), Jobs.routing(POLICY));
    state.placeAnew(_ -> true);

    assertEquals(3, round().size());
  }

  @Test
  void whoWasLeftOutComesFirstInTheNextRound() {
    for (int i = 10; i < 14; i++) {
      Job job = Jobs.waiting(i, "acme", Priority.INTERACTIVE, 100);
      state.apply(job);
      state.place(job.id(), Jobs.routing(POLICY));
    }
    Set<JobId> met = new HashSet<>();
    for (int changes = 0; changes < 3; changes++) {
      state.placeAnew(_ -> true);
      for (int i = 0; i < 2; i++) {
        JobId next = state.nextToPlace().orElseThrow();
        state.place(next, Jobs.routing(POLICY));
        met.add(next);
      }
    }

    assertEquals(5, met.size(), "all of the class, though no round came to its end");
  }

  @Test
  void aPoolThatRestsLetsOthersGo() {
    state.placeAnew(_ -> true);

    assertEquals(Optional.empty(), state.nextRelease(POLICY, Jobs.NOW, "p"::equals));
    assertTrue(state.nextRelease(POLICY, Jobs.NOW, "q"::equals).isPresent());
  }

  @Test
  void whoseTurnComesBeforeIsPlacedThen() {
    state.placeAnew(_ -> true);
    TaskState.Pick early = state.nextRelease(POLICY, Jobs.NOW).orElseThrow();
    assertFalse(early.placedAnew());
    state.place(early.job().id(), Jobs.routing(POLICY));

    assertEquals(2, round().size(), "what was placed already is not placed again");
    assertTrue(state.nextRelease(POLICY, Jobs.NOW).orElseThrow().placedAnew());
  }

  @Test
  void aPoolThatIsNotUsableIsGivenNothing() {
    state.placeAnew(_ -> false);
    assertEquals(Optional.empty(), state.nextRelease(POLICY, Jobs.NOW));

    Jobs.placeAnew(state, Jobs.routing(POLICY, _ -> false, Jobs.NOW));
    assertEquals(3, state.unplacedCount());
    assertEquals(List.of(), state.pools().backlog());
  }

  @Test
  void whoGoesToTheSamePoolKeepsItsPlace() {
    List<Pools.Waiting> before = state.pools().backlog();
    state.placeAnew(_ -> true);
    assertEquals(before, state.pools().backlog(), "nobody left a line yet");

    round();

    assertEquals(before, state.pools().backlog());
  }

  @Test
  void whatEndedMeanwhileIsNotPlaced() {
    state.placeAnew(_ -> true);
    state.apply(
        Jobs.after(
            Jobs.waiting(Priority.BATCH.ordinal(), "acme", Priority.BATCH, 100),
            new JobCommand.Cancel("caller")));

    assertEquals(List.of(id(Priority.INTERACTIVE), id(Priority.STANDARD)), round());
  }
}
