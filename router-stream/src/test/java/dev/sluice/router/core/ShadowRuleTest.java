package dev.sluice.router.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.model.JobId;
import dev.sluice.contract.model.Policy;
import dev.sluice.contract.model.Policy.Routing;
import dev.sluice.contract.model.Priority;
import dev.sluice.router.core.RoutePolicy.RouteDecision;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ShadowRuleTest {
  private static final Policy POLICY = Shadows.policy(4, Shadows.to("q", 100));

  @Test
  void aJobIsCopiedWhenItIsReleasedForTheFirstTime() {
    Job primary = Shadows.released(1, POLICY);

    Job copy = ShadowRule.due(primary).getFirst();

    assertEquals(Optional.of(primary.id()), copy.copyOf());
    assertEquals(primary.id().derived(0), copy.id());
    assertEquals(primary.submission(), copy.submission());
    assertEquals(Priority.BATCH, copy.priority());
    assertTrue(copy.phase() instanceof Phase.Waiting waiting && goesTo(waiting, "q"));
  }

  private static boolean goesTo(Phase.Waiting waiting, String pool) {
    return waiting.next().filter(next -> next.pool().equals(pool)).isPresent();
  }

  @Test
  void aCopyIsForNobody() {
    Job primary = Jobs.streamingToACaller(Jobs.waiting(1));

    Job copy = ShadowRule.due(Shadows.after(primary, Jobs.release(), POLICY)).getFirst();

    assertFalse(copy.delivery().attached());
    assertEquals(List.of(), copy.waiting());
    assertEquals(Optional.empty(), copy.delivery().callback());
    assertEquals(Optional.empty(), copy.repeat());
    assertEquals(Optional.empty(), copy.cache());
  }

  @Test
  void copiesAreDueUntilTheNextRecordOfTheirPrimary() {
    Job released = Shadows.released(1, POLICY);

    Job running = Shadows.after(released, Jobs.claim(1, 7), POLICY);

    assertTrue(released.copiesDue());
    assertFalse(running.copiesDue());
    assertEquals(List.of(), ShadowRule.due(running));
    assertTrue(running.shadow().isPresent(), "it is still known to be copied");
  }

  @Test
  void neitherACopyNorALaterAttemptIsCopied() {
    Job copy = ShadowRule.due(Shadows.released(1, POLICY)).getFirst();
    Job tried = Shadows.after(Jobs.running(Jobs.waiting(2), 7), failed(1), POLICY);

    assertFalse(Shadows.after(copy, Jobs.release(), POLICY).copiesDue());
    assertFalse(Shadows.after(tried, Jobs.release(), POLICY).copiesDue());
  }

  private static JobCommand failed(int attempt) {
    return Jobs.failure(attempt, 7, 1, FailureCause.DOWN);
  }

  @Test
  void theShareIsDrawnStablyByTheSameKeyAsRoutes() {
    Policy some = Shadows.policy(4, Shadows.to("q", 20), Shadows.to("p", 20));
    Set<Integer> first = copied(some);

    assertEquals(first, copied(some));
    assertTrue(first.size() > 300 && first.size() < 500, first.size() + " of 2000 into q");
    assertEquals(2000, copied(POLICY).size());
  }

  private static Set<Integer> copied(Policy policy) {
    Set<Integer> numbers = new HashSet<>();
    IntStream.range(0, 2000)
        .filter(number ->
            ShadowRule.due(Shadows.released(number, policy)).stream()
                .anyMatch(copy -> goesTo((Phase.Waiting) copy.phase(), "q")))
        .forEach(numbers::add);
    return numbers;
  }

  @Test
  void copiesOfOneJobHaveIdsOfTheirOwn() {
    Set<Object> ids = new HashSet<>();
    for (int number = 0; number < 1000; number++) {
      ids.add(Jobs.waiting(number).id());
      ids.addAll(ShadowRule.ids(Jobs.waiting(number).id()));
    }

    assertEquals(1000 * (1 + Policy.Model.MAX_SHADOWS), ids.size());
    assertNotEquals(Jobs.waiting(1).id().derived(0), Jobs.waiting(1).id().derived(1));
    assertEquals(3, JobId.create(Jobs.NOW, 3, 9, 5).derived(2).replyPartition());
  }

  @Test
  void residencyAndConditionsHoldForCopies() {
    Policy.Model model =
        new Policy.Model(
            "m",
            Optional.empty(),
            List.of(Routings.route("eu-1", 1)),
            List.of(),
            Routing.WEIGHTED,
            Optional.empty(),
            List.of(
                Shadows.to("us-1", 100),
                Shadows.to("eu-2", 100),
                new Policy.Shadow("eu-3", "x", 100, Optional.of("no"))));
    Policy policy = Routings.policy(Optional.of("eu"), model);
    RouteMoment moment = Routings.moment(policy, Set.of());
    Job released = Jobs.released(Jobs.waiting(1));

    List<Job> copies = ShadowRule.due(ShadowRule.cast(released, moment));

    assertEquals(1, copies.size());
    assertTrue(goesTo((Phase.Waiting) copies.getFirst().phase(), "eu-2"));
  }

  @Test
  void aCopyGoesToItsOwnPlaceOrNowhere() {
    Job copy = ShadowRule.due(Shadows.released(1, POLICY)).getFirst();
    Placement q = ((Phase.Waiting) copy.phase()).next().orElseThrow();
    Placement gone = new Placement("gone", "x", 1, "copy");

    assertEquals(new RouteDecision.Routed(q), ShadowRule.place(copy, q, Jobs.routing(POLICY)));
    assertInstanceOf(
        RouteDecision.Held.class,
        ShadowRule.place(copy, q, Jobs.routing(POLICY, pool -> !pool.equals("q"), Jobs.NOW)));
    assertInstanceOf(
        RouteDecision.Refused.class, ShadowRule.place(copy, gone, Jobs.routing(POLICY)));
  }

  @Test
  void whatACopyAnswersIsOwedAndNotCharged() {
    Job copy = Jobs.running(ShadowRule.due(Shadows.released(1, POLICY)).getFirst(), 7);

    JobDecision.Moves moves =
        (JobDecision.Moves) JobMachine.decide(copy, Jobs.success(1, 7, 1), Shadows.moment(POLICY));

    assertEquals(
        new Notice.Settlement(Jobs.success(1, 7, 1).position(), false), moves.notices().getFirst());
    assertTrue(moves.after().done());
    List<Notice> again = ResendPolicy.decide(moves.after(), new Jobs.Commits(_ -> false, false));
    assertTrue(again.contains(moves.notices().getFirst()), again::toString);
  }

  @Test
  void aCopyThatFailedIsNotTriedAgain() {
    Job copy = Jobs.running(ShadowRule.due(Shadows.released(1, POLICY)).getFirst(), 7);

    assertTrue(Shadows.after(copy, failed(1), POLICY).done());
    Job lost = Shadows.after(copy, new JobCommand.WorkerLost(Optional.empty()), POLICY);
    assertTrue(lost.done());
    Job waits = Shadows.after(copy, Jobs.givenBack(1, 7, 1), POLICY);
    assertTrue(waits.phase() instanceof Phase.Waiting waiting && goesTo(waiting, "p"));
  }

  @Test
  void copiesEndWithTheirPrimaryWhenSomebodyEndsIt() {
    Job primary = Shadows.released(1, POLICY);
    JobCommand cancel = new JobCommand.Cancel("caller");
    Job cancelled = Shadows.after(primary, cancel, POLICY);
    Job running = Shadows.after(primary, Jobs.claim(1, 7), POLICY);
    Job succeeded = Shadows.after(running, Jobs.success(1, 7, 1), POLICY);

    assertTrue(ShadowRule.ending(cancel, Optional.of(cancelled)).isPresent());
    assertEquals(Optional.empty(), ShadowRule.ending(cancel, Optional.of(succeeded)));
    assertEquals(Optional.empty(), ShadowRule.ending(cancel, Optional.empty()));
    assertEquals(
        Optional.of(new JobCommand.Erase()),
        ShadowRule.ending(new JobCommand.Erase(), Optional.empty()));
    assertEquals(
        Optional.empty(), ShadowRule.ending(Jobs.success(1, 7, 1), Optional.of(succeeded)));
  }
}
