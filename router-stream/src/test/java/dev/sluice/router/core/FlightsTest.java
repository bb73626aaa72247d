package dev.sluice.router.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.model.JobId;
import dev.sluice.contract.model.Policy;
import dev.sluice.contract.model.Priority;
import dev.sluice.router.core.CacheUse.Mode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Equal jobs in flight share one call.
class FlightsTest {
  private static final Policy POLICY = Jobs.policy(64);

  private final Map<JobId, Job> jobs = new HashMap<>();
  private final Flights flights = new Flights();
  private final Answers answers = new Answers();

  private static Job asks(int number, String tenant, Priority priority, Mode mode, long request) {
    CacheUse use = CacheUse.wished(mode, new Digest(request, 0), Duration.ofMinutes(10));
    return CacheRule.admitted(Jobs.waiting(number, tenant, priority, 100).caching(use), POLICY);
  }

  private static Job asks(int number) {
    return asks(number, "acme", Priority.STANDARD, Mode.USE, 1);
  }

  private Optional<JobId> leader(Job job) {
    return CacheRule.leader(job, flights, POLICY, id -> Optional.ofNullable(jobs.get(id)));
  }

  /// Takes a job as the router does: it leads, or waits for its leader.
  private Job admit(Job asked) {
    Job job = leader(asked).map(leader -> CacheRule.following(asked, leader)).orElse(asked);
    write(job);
    return job;
  }

  private void write(Job after) {
    jobs.put(after.id(), after);
    flights.apply(after);
    Answers.of(after).ifPresent(answers::apply);
  }

  /// What the router does when a job has ended.
  private void land(JobId leader) {
    Optional<JobId> next = Optional.empty();
    for (JobId id : flights.followers(leader)) {
      Job job = jobs.get(id);
      Optional<CacheUse.Hit> hit = CacheRule.awaited(job, leader, answers, POLICY, Jobs.NOW);
      if (hit.isPresent()) {
        write(Jobs.after(job, new JobCommand.Answer(hit.get())));
      } else {
        write(Jobs.after(job, new JobCommand.Follow(next)));
        next = next.or(() -> Optional.of(id));
      }
    }
  }

  @Test
  void whoAsksTheSameWaitsForTheFirstAndIsGivenItsAnswer() {
    Job first = admit(asks(1));
    Job second = admit(asks(2));
    Job third = admit(asks(3));

    assertEquals(Optional.empty(), first.leader());
    assertEquals(Optional.of(first.id()), second.leader());
    write(Jobs.succeeded(jobs.get(first.id())));
    land(first.id());

    for (Job follower : List.of(second, third)) {
      Job ended = jobs.get(follower.id());
      assertTrue(ended.done());
      assertEquals(first.id(), ended.cache().flatMap(CacheUse::hit).orElseThrow().answer().first());
      assertEquals(List.of(), ended.progress().attempts());
    }
    assertEquals(List.of(), flights.followers(first.id()));
  }

  @Test
  void whenTheFirstHasNoAnswerTheNextMakesTheCallAndTheOthersWaitForIt() {
    Job first = admit(asks(1));
    Job second = admit(asks(2));
    Job third = admit(asks(3));

    write(Jobs.after(first, new JobCommand.Cancel("caller")));
    land(first.id());

    assertEquals(Optional.empty(), jobs.get(second.id()).leader());
    assertEquals(Optional.of(second.id()), jobs.get(third.id()).leader());
    assertInstanceOf(Phase.Waiting.class, jobs.get(second.id()).phase());
  }

  @Test
  void nobodyWaitsForAnotherTenantsAnotherRequestsOrALessUrgentJob() {
    admit(asks(1, "acme", Priority.BATCH, Mode.USE, 1));

    assertEquals(Optional.empty(), leader(asks(2, "other", Priority.BATCH, Mode.USE, 1)));
    assertEquals(Optional.empty(), leader(asks(3, "acme", Priority.BATCH, Mode.USE, 2)));
    assertEquals(Optional.empty(), leader(asks(4, "acme", Priority.STANDARD, Mode.USE, 1)));
    assertEquals(Optional.empty(), leader(asks(5, "acme", Priority.BATCH, Mode.REFRESH, 1)));
    assertEquals(Optional.empty(), leader(asks(6, "acme", Priority.BATCH, Mode.OFF, 1)));
    assertTrue(leader(asks(7, "acme", Priority.BATCH, Mode.USE, 1)).isPresent());
  }

  @Test
  void whoWaitsForAnotherIsInNoLine() {
    TaskState state = new TaskState();
    Job first = asks(1);
    Job second = CacheRule.following(asks(2), first.id());
    state.apply(first);
    state.apply(second);

    assertEquals(
        Optional.empty(), state.place(second.id(), RouteMoment.plain(POLICY, _ -> true, Jobs.NOW)));
    Jobs.placeAnew(state, Jobs.routing(POLICY));
    assertTrue(state.queued(first.id()));
    assertFalse(state.queued(second.id()));
    Job alone = Jobs.after(second, new JobCommand.Follow(Optional.empty()));
    state.apply(alone);
    assertTrue(state.place(alone.id(), RouteMoment.plain(POLICY, _ -> true, Jobs.NOW)).isPresent());
  }

  /// Whatever comes in whatever order: everybody ends, nobody waits for a job that has ended, and
  /// what is derived anew from the jobs is what was known.
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void everybodyEndsAndARestartKnowsTheSame(long seed) {
    Random random = new Random(seed);
    int next = 1;
    for (int step = 0; step < 400; step++) {
      if (random.nextInt(3) > 0) {
        admit(asks(next++, "acme", Priority.STANDARD, Mode.USE, random.nextInt(3)));
      } else {
        end(random);
      }
      assertRestored(random);
    }
    while (jobs.values().stream().anyMatch(job -> !job.done())) {
      end(random);
      assertRestored(random);
    }
    assertEquals(List.of(), flights.followed());
  }

  private void end(Random random) {
    List<Job> live =
        jobs.values().stream()
            .filter(job -> !job.done())
            .sorted(java.util.Comparator.comparing(Job::id))
            .toList();
    if (live.isEmpty()) {
      return;
    }
    Job job = live.get(random.nextInt(live.size()));
    boolean succeeds = job.leader().isEmpty() && random.nextBoolean();
    write(succeeds ? Jobs.succeeded(job) : Jobs.after(job, new JobCommand.Cancel("test")));
    land(job.id());
  }

  private void assertRestored(Random random) {
    Flights again = new Flights();
    List<Job> any = new ArrayList<>(jobs.values());
    Collections.shuffle(any, random);
    any.forEach(again::apply);
    for (Job job : jobs.values()) {
      assertEquals(flights.followers(job.id()), again.followers(job.id()));
      Digest key = job.cache().orElseThrow().key("acme");
      assertEquals(flights.leaders(key), again.leaders(key));
      assertTrue(
          job.done() || job.leader().map(leader -> !jobs.get(leader).done()).orElse(true),
          "nobody waits for what has ended");
    }
  }
}
