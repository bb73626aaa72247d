package dev.sluice.router.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.model.Limit;
import dev.sluice.contract.model.Limit.Part;
import dev.sluice.contract.model.LimitLane;
import dev.sluice.contract.model.Policy;
import dev.sluice.contract.price.PriceBook;
import dev.sluice.router.core.limits.Demand;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Who reads what is told of lines must name lanes as their writer does.
class LimitLaneTest {
  private static final List<Limit> LIMITS =
      List.of(
          limit(new Part.Whole(), 1_000),
          limit(new Part.Team("red", Set.of("a", "b")), 1_000),
          limit(new Part.Key("a"), 1_000),
          limit(new Part.Tag("user", Optional.empty()), 1),
          limit(new Part.Tag("user", Optional.of("u1")), 3),
          limit(new Part.Tag("tier", Optional.of("gold")), 1_000));

  private static Limit limit(Part part, long amount) {
    return new Limit(
        part,
        Limit.Unit.REQUESTS,
        new Limit.Window.Rolling(Duration.ofHours(1)),
        amount,
        Limit.OnExceeded.HOLD,
        Optional.empty());
  }

  private static Policy policy() {
    Policy plain = Jobs.policy(10);
    Policy.Tenant acme =
        new Policy.Tenant("acme", List.of(), Map.of(), Policy.OnCrash.RETRY, 4).withLimits(LIMITS);
    return new Policy(1, Map.of("acme", acme), plain.pools(), plain.models(), plain.prices());
  }

  private static TaskState state() {
    TaskState state = new TaskState();
    state.adopt(policy(), PriceBook.of(policy()), Jobs.NOW);
    return state;
  }

  private static Job job(int number, String key, Map<String, String> tags) {
    return Jobs.waiting(number).asking(new Demand(key, tags, 10, 0, 1, false, Optional.empty()));
  }

  @Test
  void bothSidesGiveALaneTheSameName() {
    LimitGate gate = state().gate();
    Random random = new Random(7);
    for (int i = 0; i < 200; i++) {
      String key = List.of("a", "b", "c", "").get(random.nextInt(4));
      Map<String, String> tags = new HashMap<>();
      if (random.nextBoolean()) {
        tags.put("user", "u" + random.nextInt(3));
      }
      if (random.nextBoolean()) {
        tags.put("tier", random.nextBoolean() ? "gold" : "tin");
      }
      assertEquals(gate.lane(job(i, key, tags)), LimitLane.of(LIMITS, key, tags));
    }
  }

  @Test
  void aLineSaysWhichOfItsLanesIsHeldOnceThatHasLasted() {
    TaskState state = state();
    for (int i = 0; i < 3; i++) {
      Job job = job(i, "c", Map.of("user", "bob"));
      state.apply(job);
      state.place(job.id(), Jobs.routing(policy()));
    }
    TaskState.Pick first = state.nextRelease(policy(), Jobs.NOW).orElseThrow();
    state.apply(Jobs.after(first.job(), new JobCommand.Release(first.placement())));
    assertTrue(state.nextRelease(policy(), Jobs.NOW).isEmpty());
    Job other = job(9, "c", Map.of("user", "eve"));
    state.apply(other);
    state.place(other.id(), Jobs.routing(policy()));

    assertEquals(Map.of(), state.lines(Jobs.NOW).getFirst().heldLanes());
    WaitingLine line = state.lines(Jobs.NOW).getFirst();

    assertEquals(Optional.empty(), line.held());
    String bobs = LimitLane.of(LIMITS, "c", Map.of("user", "bob"));
    assertEquals(Set.of(bobs), line.heldLanes().keySet());
    assertEquals("rate", line.heldLanes().get(bobs).reason());
  }

  @Test
  void aValueWithALimitOfItsOwnHasThatInPlaceOfTheOneOfEachValue() {
    assertEquals(1, released("bob"));
    assertEquals(3, released("u1"));
  }

  /// How many of five jobs of a user are released.
  private static int released(String user) {
    TaskState state = state();
    for (int i = 0; i < 5; i++) {
      Job job = job(i, "c", Map.of("user", user));
      state.apply(job);
      state.place(job.id(), Jobs.routing(policy()));
    }
    int released = 0;
    for (var pick = state.nextRelease(policy(), Jobs.NOW);
        pick.isPresent();
        pick = state.nextRelease(policy(), Jobs.NOW)) {
      TaskState.Pick next = pick.get();
      state.apply(Jobs.after(next.job(), new JobCommand.Release(next.placement())));
      released++;
    }
    return released;
  }
}
