package dev.sluice.router.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.model.Limit;
import dev.sluice.contract.model.Policy;
import dev.sluice.contract.price.PriceBook;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// Limits between what waits and its release.
class LimitGateTest {
  private static final Policy POLICY = oneRequest();

  private static Policy oneRequest() {
    Policy plain = Jobs.policy(10);
    var once =
        new Limit(
            new Limit.Part.Whole(),
            Limit.Unit.REQUESTS,
            new Limit.Window.Calendar(Limit.Period.FOREVER, ZoneOffset.UTC),
            1,
            Limit.OnExceeded.HOLD,
            Optional.empty());
    var acme =
        new Policy.Tenant("acme", List.of(), Map.of(), Policy.OnCrash.RETRY, 4)
            .withLimits(List.of(once));
    return new Policy(1, Map.of("acme", acme), plain.pools(), plain.models(), plain.prices());
  }

  private static TaskState state() {
    TaskState state = new TaskState();
    state.adopt(POLICY, PriceBook.of(POLICY), Jobs.NOW);
    return state;
  }

  private static void waits(TaskState state, Job job) {
    state.apply(job);
    // A retry's time has come.
    state.place(job.id(), RouteMoment.plain(POLICY, _ -> true, Jobs.NOW.plusSeconds(60)));
  }

  @Test
  void anOlderJobThatWaitsForRoomDoesNotKeepTheOneThatHasIt() {
    TaskState state = state();
    Job younger = Jobs.waiting(2);
    state.apply(Jobs.running(younger, 7));
    Job older = Jobs.waiting(1);
    waits(state, older);
    assertEquals(Optional.empty(), state.nextRelease(POLICY, Jobs.NOW));

    Job again = Jobs.after(Jobs.running(younger, 7), Jobs.failure(1, 7, 1, FailureCause.DOWN));
    waits(state, again);

    assertEquals(younger.id(), state.nextRelease(POLICY, Jobs.NOW).orElseThrow().job().id());
    assertTrue(state.nextRelease(POLICY, Jobs.NOW).isEmpty());
  }

  @Test
  void whoWasHeldBackGoesWhenTheOtherEndsWithoutAnAnswer() {
    TaskState state = state();
    Job first = Jobs.running(Jobs.waiting(1), 7);
    state.apply(first);
    Job second = Jobs.waiting(2);
    waits(state, second);
    assertTrue(state.nextRelease(POLICY, Jobs.NOW).isEmpty());
    assertEquals(
        List.of(second.id()),
        state.gate().takeBlocked().stream().map(LimitGate.Blocked::id).toList());

    Job ended = Jobs.after(first, Jobs.failure(1, 7, 1, FailureCause.REFUSED));
    state.apply(ended);

    assertEquals(second.id(), state.nextRelease(POLICY, Jobs.NOW).orElseThrow().job().id());
  }
}
