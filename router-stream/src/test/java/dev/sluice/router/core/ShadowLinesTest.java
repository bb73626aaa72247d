package dev.sluice.router.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.model.Policy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// Copies behind real work, before the same pool.
class ShadowLinesTest {
  private static final Policy POLICY = Shadows.policy(4, Shadows.to("p", 100));

  private final TaskState state = new TaskState();

  @Test
  void copiesTakeHalfOfThePoolAndOnlyWhatIsFree() {
    List<Job> copies = new ArrayList<>();
    for (int number = 0; number < 5; number++) {
      copies.addAll(ShadowRule.due(Shadows.released(number, POLICY)));
    }
    copies.forEach(this::enters);

    assertEquals(2, releaseAll().size());
    assertEquals(2, state.pools().released("p"));
  }

  @Test
  void realWorkGoesFirstAndUsesWhatCopiesMustLeaveFree() {
    ShadowRule.due(Shadows.released(100, POLICY)).forEach(this::enters);
    for (int number = 0; number < 20; number++) {
      enters(Jobs.waiting(number));
    }

    List<Job> released = releaseAll();

    assertTrue(released.stream().noneMatch(Job::isCopy), "the slots are taken");
    assertEquals(6, released.size());
  }

  @Test
  void copiesAreNotAmongTheJobsThatWait() {
    ShadowRule.due(Shadows.released(1, POLICY)).forEach(this::enters);

    assertEquals(List.of(), state.lines(Jobs.NOW));
    assertEquals(List.of(), state.pools().backlog());
    assertTrue(state.hasCopies());
  }

  @Test
  void aCopyIsKeptUntilItsPrimarysRecordSaysThatItWasMade() {
    Job primary = Shadows.released(1, POLICY);
    Job copy = ShadowRule.due(primary).getFirst();
    state.apply(primary);
    state.apply(Shadows.after(Jobs.running(copy, 7), Jobs.success(1, 7, 1), POLICY));

    assertEquals(List.of(), state.doneJobs());
    state.apply(Shadows.after(primary, Jobs.claim(1, 8), POLICY));
    assertEquals(List.of(copy.id()), state.doneJobs());

    state.forget(copy.id());
    assertFalse(state.hasCopies());
  }

  @Test
  void noMoreThanSoManyWait() {
    int number = 0;
    while (state.takesCopies()) {
      ShadowRule.due(Shadows.released(number++, POLICY)).forEach(this::enters);
    }
    assertEquals(ShadowLines.MAX_WAITING, number);

    Job gone = state.jobs().iterator().next();
    state.apply(Shadows.after(gone, new JobCommand.Expire(), POLICY));
    assertTrue(state.takesCopies());
  }

  @Test
  void copiesArePlacedAnewWithAllOthers() {
    Job copy = ShadowRule.due(Shadows.released(1, POLICY)).getFirst();
    enters(copy);

    state.placeAnew(_ -> true);
    TaskState.Pick old = state.nextRelease(POLICY, Jobs.NOW).orElseThrow();
    assertEquals(copy.id(), old.job().id());
    assertFalse(old.placedAnew());
    state.place(copy.id(), Jobs.routing(POLICY));

    assertEquals(List.of(copy.id()), releaseAll().stream().map(Job::id).toList());
  }

  private void enters(Job job) {
    state.apply(job);
    state.place(job.id(), Jobs.routing(POLICY));
  }

  private List<Job> releaseAll() {
    List<Job> released = new ArrayList<>();
    Optional<TaskState.Pick> pick = state.nextRelease(POLICY, Jobs.NOW);
    while (pick.isPresent()) {
      JobCommand release = new JobCommand.Release(pick.get().placement());
      Job after = Jobs.after(pick.get().job(), release);
      released.add(after);
      state.apply(after);
      pick = state.nextRelease(POLICY, Jobs.NOW);
    }
    return released;
  }
}
