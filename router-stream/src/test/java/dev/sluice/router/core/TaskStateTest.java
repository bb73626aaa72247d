package dev.sluice.router.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.model.Control;
import dev.sluice.contract.model.Controls;
import dev.sluice.contract.model.JobId;
import dev.sluice.contract.model.Policy;
import dev.sluice.contract.model.Priority;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TaskStateTest {
  private static final Policy POLICY = Jobs.policy(10);

  private final TaskState state = new TaskState();

  private void admit(Job job) {
    state.apply(job);
    state.place(job.id(), Jobs.routing(POLICY));
  }

  private Optional<Job> releaseNext() {
    return state
        .nextRelease(POLICY, Jobs.NOW)
        .map(pick -> {
          Job released = Jobs.after(pick.job(), new JobCommand.Release(pick.placement()));
          state.apply(released);
          return released;
        });
  }

  private List<Job> releaseAll() {
    List<Job> all = new ArrayList<>();
    for (Optional<Job> next = releaseNext(); next.isPresent(); next = releaseNext()) {
      all.add(next.get());
    }
    return all;
  }

  private void finish(Job released) {
    Job running = Jobs.after(released, Jobs.claim(1, 1));
    state.apply(running);
    Job done = Jobs.after(running, Jobs.success(1, 1, released.submission().offset()));
    state.apply(done);
    state.forget(done.id());
  }

  @Test
  void releasesNoMoreThanTheSlotsAndTheirMargin() {
    for (int i = 0; i < 100; i++) {
      admit(Jobs.waiting(i));
    }

    assertEquals(12, releaseAll().size());
  }

  @Test
  void anEndedJobGivesItsCreditBack() {
    for (int i = 0; i < 20; i++) {
      admit(Jobs.waiting(i));
    }
    List<Job> first = releaseAll();

    finish(first.getFirst());

    assertEquals(1, releaseAll().size());
  }

  @Test
  void aCancelledCallHoldsItsCreditAndItsJobUntilItsWorkerHasSpoken() {
    for (int i = 0; i < 20; i++) {
      admit(Jobs.waiting(i));
    }
    Job running = Jobs.after(releaseAll().getFirst(), Jobs.claim(1, 1));
    state.apply(running);

    Job cancelled = Jobs.after(running, new JobCommand.Cancel("caller"));
    state.apply(cancelled);

    assertEquals(0, releaseAll().size());
    assertEquals(List.of(cancelled.id()), state.calls().of("w"));
    assertEquals(List.of(), state.doneJobs());

    state.apply(Jobs.after(cancelled, Jobs.success(1, 1, 30)));

    assertEquals(1, releaseAll().size());
    assertEquals(List.of(), state.calls().of("w"));
    assertEquals(List.of(cancelled.id()), state.doneJobs());
  }

  @Test
  void aCancelledReleaseHoldsItsCreditAndItsJobUntilAWorkerHasTakenItOrItSeemsLost() {
    for (int i = 0; i < 20; i++) {
      admit(Jobs.waiting(i));
    }
    List<Job> released = releaseAll();
    for (Job job : released.subList(0, 2)) {
      state.apply(Jobs.after(job, new JobCommand.Cancel("caller")));
    }
    Job taken = state.job(released.get(0).id()).orElseThrow();
    Job lost = state.job(released.get(1).id()).orElseThrow();

    assertEquals(0, releaseAll().size());
    assertEquals(List.of(), state.doneJobs());

    state.apply(Jobs.after(taken, Jobs.waitingClaim(1, 1)));

    assertEquals(1, releaseAll().size());
    assertEquals(List.of(taken.id()), state.doneJobs());

    List<Due> due = state.due(Jobs.NOW.plus(DueJobs.UNCLAIMED), POLICY, 100);

    assertTrue(due.contains(new Due.Commanded(lost.id(), new JobCommand.ReleaseAgain())));
    state.apply(Jobs.after(lost, new JobCommand.ReleaseAgain()));
    assertEquals(1, releaseAll().size());
    assertEquals(List.of(taken.id(), lost.id()), state.doneJobs());
  }

  @Test
  void aReprioritisedJobWaitsInItsNewClassAndKeepsItsAge() {
    for (int i = 0; i < 20; i++) {
      admit(Jobs.waiting(i, "acme", Priority.BATCH, 100));
    }
    Job last = Jobs.waiting(20, "acme", Priority.BATCH, 100);
    admit(last);
    releaseAll();

    Job urgent =
        Jobs.after(
            last, new JobCommand.Reprioritise(Optional.of(Priority.INTERACTIVE), Optional.empty()));
    admit(urgent);

    assertEquals(last.urgency(), urgent.urgency());
    assertEquals(List.of(urgent.id()), releaseAll().stream().map(Job::id).toList());
    assertEquals(8, state.pools().waiting("p", Priority.BATCH));
    assertEquals(0, state.pools().waiting("p", Priority.INTERACTIVE));
  }

  @Test
  void anEarlierDeadlineLetsAJobGoFirst() {
    for (int i = 0; i < 30; i++) {
      admit(Jobs.waiting(i));
    }
    releaseAll();
    Job late = state.job(Jobs.waiting(29).id()).orElseThrow();

    Job sooner =
        Jobs.after(
            late,
            new JobCommand.Reprioritise(
                Optional.empty(), Optional.of(Jobs.NOW.plus(Duration.ofMinutes(1)))));
    admit(sooner);
    finish(Jobs.after(Jobs.waiting(0), Jobs.release()));

    assertEquals(sooner.id(), releaseNext().orElseThrow().id());
    assertTrue(
        state
            .due(Jobs.NOW.plus(Duration.ofMinutes(2)), POLICY, 100)
            .contains(new Due.Commanded(late.id(), new JobCommand.Expire())));
  }

  private void hold(Control.Target... targets) {
    List<Control> all = new ArrayList<>();
    for (Control.Target target : targets) {
      all.add(new Control(target, Control.Mode.PAUSED, "", "ops", Jobs.NOW));
    }
    state.control(Controls.of(all)).forEach(id -> state.place(id, Jobs.routing(POLICY)));
  }

  @Test
  void aPausedJobLetsThoseBehindItPass() {
    Job first = Jobs.waiting(1);
    Job second = Jobs.waiting(2);
    admit(first);
    admit(second);

    hold(new Control.Job("acme", first.id()));

    assertEquals(List.of(second.id()), releaseAll().stream().map(Job::id).toList());
    assertEquals(1, state.asideCount());

    hold();

    assertEquals(List.of(first.id()), releaseAll().stream().map(Job::id).toList());
    assertEquals(0, state.asideCount());
  }

  @Test
  void aPausedTenantReleasesNothingAndItsDeadlinesStillCome() {
    admit(Jobs.waiting(1));
    hold(new Control.Tenant("acme"));

    assertEquals(List.of(), releaseAll());
    assertEquals(
        List.of(new Due.Commanded(Jobs.waiting(1).id(), new JobCommand.Expire())),
        state.due(Jobs.NOW.plus(Duration.ofHours(2)), POLICY, 10));

    hold();

    assertEquals(1, releaseAll().size());
  }

  @Test
  void aPausedPoolTakesNothingAndKeepsWhatWaitsForIt() {
    admit(Jobs.waiting(1, "acme", Priority.INTERACTIVE, 100));
    hold(new Control.Pool("p"));

    assertEquals(List.of(), releaseAll());
    assertEquals(1, state.pools().waiting("p", Priority.INTERACTIVE));

    hold();

    assertEquals(1, releaseAll().size());
  }

  @Test
  void aLineSaysWhatHoldsItOnceThatHasLasted() {
    admit(Jobs.waiting(1));
    hold(new Control.Tenant("acme"));
    releaseAll();

    assertEquals(Optional.empty(), state.lines(Jobs.NOW).getFirst().held());
    assertEquals(
        "tenant:acme", state.lines(Jobs.NOW).getFirst().held().orElseThrow().by().orElseThrow());

    hold();
    assertEquals(Optional.empty(), state.lines(Jobs.NOW).getFirst().held());
  }

  @Test
  void anUrgentClassIsReleasedHoweverManyOthersHoldThePool() {
    for (int i = 0; i < 50; i++) {
      admit(Jobs.waiting(i, "acme", Priority.BATCH, 100));
    }
    releaseAll();

    admit(Jobs.waiting(1_000, "acme", Priority.INTERACTIVE, 100));

    assertEquals(Priority.INTERACTIVE, releaseNext().orElseThrow().priority());
  }

  @Test
  void urgentWorkMayHoldOneMarginMoreThanThePoolAndNoMore() {
    for (int i = 0; i < 50; i++) {
      admit(Jobs.waiting(i, "acme", Priority.BATCH, 100));
    }
    releaseAll();
    for (int i = 50; i < 100; i++) {
      admit(Jobs.waiting(i, "acme", Priority.INTERACTIVE, 100));
    }

    releaseAll();

    assertEquals(14, state.pools().released("p"));
  }

  @Test
  void theLowestClassKeepsItsFloorWhenAllWait() {
    int number = 0;
    for (Priority priority : Priority.values()) {
      for (int i = 0; i < 1_300; i++) {
        admit(Jobs.waiting(number++, "acme", priority, 100));
      }
    }

    Map<Priority, Integer> released = new HashMap<>();
    List<Job> running = new ArrayList<>(releaseAll());
    for (int i = 0; i < 1_300; i++) {
      Job ended = running.removeFirst();
      released.merge(ended.priority(), 1, Integer::sum);
      finish(ended);
      running.addAll(releaseAll());
    }

    assertTrue(released.get(Priority.BATCH) >= 95, released.toString());
    assertTrue(released.get(Priority.INTERACTIVE) >= 780, released.toString());
  }

  @Test
  void tenantsShareByTokensHoweverLargeOrManyTheirJobsAre() {
    for (int i = 0; i < 2_000; i++) {
      admit(Jobs.waiting(i, "many", Priority.STANDARD, 1_000));
    }
    for (int i = 0; i < 200; i++) {
      admit(Jobs.waiting(10_000 + i, "large", Priority.STANDARD, 10_000));
    }

    Map<String, Long> tokens = new HashMap<>();
    List<Job> running = new ArrayList<>(releaseAll());
    for (int i = 0; i < 800; i++) {
      Job ended = running.removeFirst();
      tokens.merge(ended.tenant(), ended.estimatedTokens(), Long::sum);
      finish(ended);
      running.addAll(releaseAll());
    }

    double ratio = (double) tokens.get("many") / tokens.get("large");
    assertTrue(ratio > 0.9 && ratio < 1.1, tokens.toString());
  }

  @Test
  void aJobCancelledInTheQueueIsNeverReleased() {
    for (int i = 0; i < 3; i++) {
      admit(Jobs.waiting(i));
    }
    Job cancelled = Jobs.after(Jobs.waiting(1), new JobCommand.Cancel("caller"));
    state.apply(cancelled);

    assertEquals(
        List.of(0L, 2L), releaseAll().stream().map(job -> job.submission().offset()).toList());
  }

  @Test
  void theBacklogCountsWhatWaitsAndNothingThatLeft() {
    for (int i = 0; i < 5; i++) {
      admit(Jobs.waiting(i));
    }
    admit(Jobs.waiting(5, "other", Priority.BATCH, 100));
    state.apply(Jobs.after(Jobs.waiting(1), new JobCommand.Cancel("caller")));
    state.forget(Jobs.waiting(0).id());

    assertEquals(
        List.of(
            new Pools.Waiting("p", Priority.STANDARD, 3, Optional.of(Jobs.NOW)),
            new Pools.Waiting("p", Priority.BATCH, 1, Optional.of(Jobs.NOW))),
        state.pools().backlog());

    List<Pools.Waiting> before = state.pools().backlog();
    Jobs.placeAnew(state, Jobs.routing(POLICY, _ -> false, Jobs.NOW));
    assertEquals(List.of(), state.pools().backlog());
    assertEquals(4, state.unplacedCount());

    Jobs.placeAnew(state, Jobs.routing(POLICY));
    assertEquals(before, state.pools().backlog());
    releaseAll();
    assertEquals(List.of(), state.pools().backlog());
    assertEquals(0, state.unplacedCount());
  }

  @Test
  void aDeadlineFiresOnceAndARetryBecomesPlaceableAtItsTime() {
    Job retrying =
        Jobs.after(Jobs.running(Jobs.waiting(1), 1), Jobs.failure(1, 1, 9, FailureCause.DOWN));
    state.apply(retrying);
    assertTrue(state.place(retrying.id(), Jobs.routing(POLICY)).isEmpty());

    List<Due> retry = state.due(Jobs.NOW.plusSeconds(1), POLICY, 10);
    List<Due> expiry = state.due(Jobs.NOW.plus(Duration.ofHours(2)), POLICY, 10);

    assertEquals(List.of(new Due.Placeable(retrying.id())), retry);
    var expired = assertInstanceOf(Due.Commanded.class, expiry.getFirst());
    assertInstanceOf(JobCommand.Expire.class, expired.command());
    assertEquals(List.of(), state.due(Jobs.NOW.plus(Duration.ofHours(3)), POLICY, 10));
  }

  @Test
  void aRetryDueInsideAMillisecondIsNotLostWhenTheClockStandsJustBeforeIt() {
    Job job = Jobs.waiting(1);
    Job retrying =
        job.moved(
            new Phase.Waiting(
                Jobs.NOW.plusNanos(700_000), Optional.of(Jobs.PLACE), Optional.empty()));
    state.apply(retrying);

    for (long nanos = 0; nanos <= 3_000_000; nanos += 100_000) {
      Instant now = Jobs.NOW.plusNanos(nanos);
      for (Due due : state.due(now, POLICY, 10)) {
        var placeable = assertInstanceOf(Due.Placeable.class, due);
        assertTrue(state.place(placeable.id(), Jobs.routing(POLICY, _ -> true, now)).isPresent());
      }
    }

    assertEquals(retrying.id(), releaseNext().orElseThrow().id());
  }

  @Test
  void aReleaseThatNobodyClaimsIsSentAgainWhileThePoolHasRoom() {
    Job released = Jobs.released(Jobs.waiting(1));
    state.apply(released);

    List<Due> due = state.due(Jobs.NOW.plusSeconds(31), POLICY, 10);

    assertInstanceOf(
        JobCommand.ReleaseAgain.class,
        assertInstanceOf(Due.Commanded.class, due.getFirst()).command());
  }

  @Test
  void aStateRebuiltFromAfterImagesReleasesExactlyWhatTheLiveOneDoes() {
    Random random = new Random(4);
    TaskState live = new TaskState();
    Map<JobId, Job> images = new HashMap<>();
    for (int i = 0; i < 200; i++) {
      Job job = Jobs.waiting(i, "t" + random.nextInt(5), Priority.BATCH, 100);
      job =
          switch (random.nextInt(5)) {
            case 0 -> job;
            case 1 -> Jobs.released(job);
            case 2 -> Jobs.running(job, 1);
            case 3 -> Jobs.after(Jobs.running(job, 1), new JobCommand.Cancel("caller"));
            default -> Jobs.after(Jobs.running(job, 1), Jobs.success(1, 1, i));
          };
      live.apply(job);
      images.put(job.id(), job);
    }
    TaskState rebuilt = Jobs.restored(images.values());

    for (TaskState one : List.of(live, rebuilt)) {
      Jobs.placeAnew(one, Jobs.routing(POLICY));
    }

    assertEquals(live.pools().released("p"), rebuilt.pools().released("p"));
    assertEquals(
        live.pools().waiting("p", Priority.BATCH), rebuilt.pools().waiting("p", Priority.BATCH));
    assertEquals(live.nextRelease(POLICY, Jobs.NOW), rebuilt.nextRelease(POLICY, Jobs.NOW));
    assertEquals(live.calls().busy(), rebuilt.calls().busy());
    assertEquals(Set.copyOf(live.doneJobs()), Set.copyOf(rebuilt.doneJobs()));
  }
}
