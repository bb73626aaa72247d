package dev.sluice.router.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.model.JobId;
import dev.sluice.contract.model.Policy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A task that dies again and again, each time with any prefix of its log left: every job that was
/// copied has each of its copies exactly once, whatever ends first and whatever is forgotten when.
class ShadowPropertyTest {
  private static final Policy POLICY = Shadows.policy(8, Shadows.to("q", 100), Shadows.to("p", 50));
  private static final int STEPS = 3_000;
  private static final int MOST_AT_ONCE = 12;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void eachCopyIsMadeOnceThroughAnyNumberOfCrashes(long seed) {
    Random random = new Random(seed);
    Task task = new Task(random);
    for (int step = 0; step < STEPS; step++) {
      task.step();
      if (random.nextInt(40) == 0) {
        task.crash(random.nextInt(12));
      }
    }

    task.check("seed " + seed);
  }

  /// One record of the log: a job, or that one is forgotten.
  private record Logged(JobId id, Optional<Job> after) {}

  private static final class Task {
    final Random random;
    final List<Logged> log = new ArrayList<>();
    final Set<LogPosition> delivered = new HashSet<>();
    TaskState state = new TaskState();
    int submitted;
    int told;

    Task(Random random) {
      this.random = random;
    }

    void step() {
      List<Job> jobs = List.copyOf(state.jobs());
      switch (random.nextInt(8)) {
        case 0, 2 -> {
          if (jobs.size() < MOST_AT_ONCE) {
            write(Jobs.waiting(submitted++));
          }
        }
        case 1 -> state.doneJobs().forEach(this::forget);
        default -> {
          if (!jobs.isEmpty()) {
            command(jobs.get(random.nextInt(jobs.size())));
          }
        }
      }
      Optional<TaskState.Pick> pick = state.nextRelease(POLICY, Jobs.NOW);
      pick.ifPresent(one -> decide(one.job(), new JobCommand.Release(one.placement())));
    }

    private void command(Job job) {
      JobCommand command =
          switch (job.phase()) {
            case Phase.Waiting _ -> rarely(new JobCommand.ReleaseAgain());
            case Phase.Released out -> rarely(Jobs.claim(out.attempt(), told++));
            case Phase.Running running ->
                switch (random.nextInt(6)) {
                  case 0 ->
                      Jobs.failure(running.attempt(), running.claimId(), told++, FailureCause.DOWN);
                  case 1 -> new JobCommand.WorkerLost(Optional.empty());
                  default -> Jobs.success(running.attempt(), running.claimId(), told++);
                };
            case Phase.Done _ when job.openRelease().isPresent() -> new JobCommand.ReleaseAgain();
            case Phase.Done _ when job.openClaim().isPresent() ->
                new JobCommand.WorkerLost(Optional.empty());
            case Phase.Done _ -> new JobCommand.Erase();
          };
      decide(job, command);
      ShadowRule.ending(command, state.job(job.id()))
          .ifPresent(ending ->
              ShadowRule.ids(job.id())
                  .forEach(id -> state.job(id).ifPresent(copy -> decide(copy, ending))));
    }

    private JobCommand rarely(JobCommand often) {
      return random.nextInt(5) == 0 ? new JobCommand.Cancel("caller") : often;
    }

    private void decide(Job job, JobCommand command) {
      if (JobMachine.decide(job, command, Shadows.moment(POLICY))
          instanceof JobDecision.Moves moves) {
        for (Notice notice : moves.notices()) {
          if (notice instanceof Notice.Settlement settled && settled.delivered()) {
            assertTrue(!job.isCopy(), "a copy is charged");
            assertTrue(delivered.add(settled.outcome()), "charged twice");
          }
        }
        write(moves.after());
      }
    }

    private void write(Job after) {
      log.add(new Logged(after.id(), Optional.of(after)));
      state.apply(after);
      castDue(after);
      if (after.phase() instanceof Phase.Waiting) {
        state.place(after.id(), Jobs.routing(POLICY));
      }
    }

    private void castDue(Job job) {
      for (Job copy : ShadowRule.due(job)) {
        if (state.job(copy.id()).isEmpty()) {
          write(copy);
        }
      }
    }

    private void forget(JobId id) {
      log.add(new Logged(id, Optional.empty()));
      state.forget(id);
    }

    /// The last records are lost, and a new owner takes over.
    void crash(int lost) {
      List<Logged> kept = List.copyOf(log.subList(0, Math.max(0, log.size() - lost)));
      log.clear();
      log.addAll(kept);
      Map<JobId, Job> live = new HashMap<>();
      for (Logged record : log) {
        record
            .after()
            .ifPresentOrElse(job -> live.put(job.id(), job), () -> live.remove(record.id()));
      }
      delivered.clear();
      state = Jobs.restored(live.values());
      Jobs.placeAnew(state, Jobs.routing(POLICY));
      List.copyOf(state.jobs()).forEach(this::castDue);
    }

    void check(String which) {
      Map<JobId, Integer> made = new HashMap<>();
      Map<JobId, Integer> targets = new HashMap<>();
      for (Logged record : log) {
        Job job = record.after().orElse(null);
        if (job != null && job.shadow().orElse(null) instanceof Shadow.Cast cast) {
          targets.put(job.id(), cast.targets().size());
        } else if (job != null && job.isCopy() && job.transition() == 1) {
          assertTrue(targets.containsKey(job.copyOf().orElseThrow()), which + ": no primary");
          made.merge(job.id(), 1, Integer::sum);
        }
      }
      assertTrue(targets.size() > 50, which + ": " + targets.size() + " copied");
      targets.forEach((primary, count) -> {
        for (int number = 0; number < count; number++) {
          assertEquals(1, made.get(primary.derived(number)), which + ": copy of " + primary);
        }
      });
      assertEquals(targets.values().stream().mapToInt(count -> count).sum(), made.size(), which);
    }
  }
}
