package dev.sluice.router.core;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.contract.model.JobId;
import dev.sluice.contract.model.Limit;
import dev.sluice.contract.model.Policy;
import dev.sluice.contract.price.PriceBook;
import dev.sluice.router.core.limits.Spent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Whatever becomes of claims (given back without a call, lost with one or without, failed,
/// answered), no stretch of time as long as a rolling window sees more jobs at the provider than it
/// allows.
class RollingLimitPropertyTest {
  private static final Duration WINDOW = Duration.ofSeconds(10);
  private static final int ALLOWED = 3;
  private static final int JOBS = 60;
  private static final Policy POLICY = threeInTenSeconds();

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 5, 8, 13, 21, 34, 55, 89})
  void noWindowSeesMoreJobsThanItAllows(long seed) {
    Play play = new Play(new Random(seed));

    play.run();

    assertEquals(JOBS, play.ended, "seed " + seed);
    assertEquals(ALLOWED, play.mostWithinAWindow(), "seed " + seed);
  }

  /// A provider, and a task whose worker takes each job as soon as it can.
  private static final class Play {
    private final Random random;
    private final TaskState state = new TaskState();
    private final Set<JobId> waits = new LinkedHashSet<>();
    private final Set<Job> runs = new HashSet<>();

    /// When the provider saw each job that it answered for the first time.
    private final List<Instant> called = new ArrayList<>();

    private final Set<JobId> known = new HashSet<>();
    private Instant now = Jobs.NOW;
    private int position;
    private int ended;

    Play(Random random) {
      this.random = random;
      state.adopt(POLICY, PriceBook.of(POLICY), now);
      for (int number = 0; number < JOBS; number++) {
        Job job = Jobs.waiting(number);
        state.apply(job);
        waits.add(job.id());
      }
    }

    void run() {
      for (int step = 0; step < 20_000 && ended < JOBS; step++) {
        now = now.plusMillis(1 + random.nextInt(400));
        state.wake(now);
        List.copyOf(waits).forEach(id -> state.place(id, routes()));
        Optional<TaskState.Pick> next = state.nextRelease(POLICY, now);
        while (next.isPresent()) {
          claim(next.get().job(), next.get().placement());
          next = state.nextRelease(POLICY, now);
        }
        List.copyOf(runs).stream().filter(_ -> random.nextInt(3) == 0).forEach(this::end);
      }
    }

    private void claim(Job job, Placement placement) {
      Job released = apply(job, new JobCommand.Release(placement));
      waits.remove(job.id());
      int attempt = released.progress().nextAttempt();
      runs.add(apply(released, Jobs.claim(attempt, ++position)));
    }

    private void end(Job job) {
      runs.remove(job);
      Phase.Running running = (Phase.Running) job.phase();
      boolean called = random.nextInt(3) > 0;
      if (called) {
        seen(job);
      }
      int kind = random.nextInt(3);
      Job after =
          kind == 0
              ? apply(job, new JobCommand.WorkerLost(Optional.empty()))
              : apply(job, outcome(running, called, kind == 1));
      if (after.done()) {
        ended++;
      } else {
        waits.add(job.id());
      }
    }

    /// The call began with the claim, as far as the account can know.
    private void seen(Job job) {
      if (known.add(job.id())) {
        called.add(((Phase.Running) job.phase()).since());
      }
    }

    private JobCommand.Outcome outcome(Phase.Running running, boolean called, boolean fails) {
      boolean throttled = fails || !called;
      return new JobCommand.Outcome(
          running.attempt(),
          running.claimId(),
          called,
          throttled ? Optional.of(Jobs.failureOf(FailureCause.THROTTLED)) : Optional.empty(),
          false,
          now,
          now,
          Optional.empty(),
          new Spent(state.gate().limits().nextSequence(), 10, 20, 1, now),
          new LogPosition("sluice.commands", 0, ++position));
    }

    private Job apply(Job job, JobCommand command) {
      var moment = new JobMachine.Moment(routes(), 0.5, RetryBudgets.View.UNBOUNDED);
      Job after = ((JobDecision.Moves) JobMachine.decide(job, command, moment)).after();
      state.apply(after);
      return after;
    }

    private RouteMoment routes() {
      return RouteMoment.plain(POLICY, _ -> true, now);
    }

    long mostWithinAWindow() {
      return called.stream()
          .mapToLong(first ->
              called.stream()
                  .filter(at -> !at.isBefore(first) && at.isBefore(first.plus(WINDOW)))
                  .count())
          .max()
          .orElse(0);
    }
  }

  private static Policy threeInTenSeconds() {
    Policy plain = Jobs.policy(10);
    var limit =
        new Limit(
            new Limit.Part.Whole(),
            Limit.Unit.REQUESTS,
            new Limit.Window.Rolling(WINDOW),
            ALLOWED,
            Limit.OnExceeded.HOLD,
            Optional.empty());
    var acme =
        new Policy.Tenant("acme", List.of(), Map.of(), Policy.OnCrash.RETRY, 1_000)
            .withLimits(List.of(limit));
    return new Policy(1, Map.of("acme", acme), plain.pools(), plain.models(), plain.prices());
  }
}
