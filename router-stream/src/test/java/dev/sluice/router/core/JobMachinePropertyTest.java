package dev.sluice.router.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.model.Priority;
import java.math.BigDecimal;
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

/// Whatever commands come, in whatever order and however often, and wherever the writer crashes:
/// one terminal state, every call settled, at most one delivery.
class JobMachinePropertyTest {
  private static final int JOBS_PER_SEED = 400;
  private static final int COMMANDS_PER_JOB = 25;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 5, 8, 13, 21, 34})
  void everyOutcomeIsSettledAndAtMostOneIsDelivered(long seed) {
    Random random = new Random(seed);
    for (int number = 0; number < JOBS_PER_SEED; number++) {
      List<JobCommand> commands = commands(random);
      Run run = new Run(Jobs.waiting(number));

      commands.forEach(run::take);

      run.check("seed " + seed + " job " + number);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {11, 12, 13, 14, 15, 16})
  void aCrashAfterAnyPrefixOfTheLogWithAnySuffixReadAgainLosesAndDoublesNothing(long seed) {
    Random random = new Random(seed);
    for (int number = 0; number < JOBS_PER_SEED; number++) {
      List<JobCommand> commands = commands(random);
      Run live = new Run(Jobs.waiting(number));
      int crash = random.nextInt(commands.size() + 1);
      commands.subList(0, crash).forEach(live::take);

      Run restored = live.crash(random.nextInt(live.log.size()));
      int committed = random.nextInt(restored.read + 1);
      for (int i = committed; i < commands.size(); i++) {
        restored.takeAt(i, commands.get(i));
      }

      restored.check("seed " + seed + " job " + number);
    }
  }

  private static List<JobCommand> commands(Random random) {
    List<JobCommand> commands = new ArrayList<>();
    for (int i = 0; i < COMMANDS_PER_JOB; i++) {
      int attempt = 1 + random.nextInt(3);
      long claim = 1 + random.nextInt(4);
      commands.add(
          switch (random.nextInt(16)) {
            case 0, 1, 2 -> Jobs.release();
            case 3, 4, 5 -> Jobs.waitingClaim(attempt, claim);
            case 6, 7 -> Jobs.success(attempt, claim, i);
            case 8, 9 -> Jobs.failure(attempt, claim, i, FailureCause.DOWN);
            case 14, 15 -> Jobs.givenBack(attempt, claim, i);
            case 10 -> new JobCommand.WorkerLost(Optional.of(BigDecimal.ONE));
            case 11 -> random.nextInt(4) == 0 ? new JobCommand.Cancel("caller") : Jobs.release();
            case 12 -> random.nextInt(4) == 0 ? new JobCommand.Expire() : Jobs.release();
            default -> random.nextBoolean() ? reprioritise(random) : new JobCommand.ReleaseAgain();
          });
    }
    return commands;
  }

  private static JobCommand reprioritise(Random random) {
    Priority[] all = Priority.values();
    return new JobCommand.Reprioritise(
        Optional.of(all[random.nextInt(all.length)]),
        Optional.of(Jobs.NOW.plusSeconds(3_600 + random.nextInt(3_600))));
  }

  /// One transition as the log keeps it: the after-image and how far the input was read.
  private record Logged(Job after, int read) {}

  /// A single writer of one job, with its log and everything it ever said.
  private static final class Run {
    Job job;
    int read;
    final List<Logged> log = new ArrayList<>();
    final Map<LogPosition, Boolean> settled = new HashMap<>();
    final Set<LogPosition> outcomes = new HashSet<>();

    Run(Job job) {
      this.job = job;
      log.add(new Logged(job, 0));
    }

    void take(JobCommand command) {
      takeAt(read, command);
    }

    void takeAt(int index, JobCommand command) {
      boolean again = index < read;
      read = Math.max(read, index + 1);
      if (command instanceof JobCommand.Outcome outcome && outcome.called()) {
        outcomes.add(outcome.position());
      }
      Job before = job;
      JobDecision decision =
          again
              ? JobMachine.decideAgain(job, command)
              : JobMachine.decide(job, command, Jobs.moment());
      switch (decision) {
        case JobDecision.Moves moves -> {
          assertTrue(!before.done() || Jobs.endOf(before).equals(Jobs.endOf(moves.after())));
          assertEquals(before.transition() + 1, moves.after().transition());
          job = moves.after();
          log.add(new Logged(job, read));
          moves.notices().forEach(this::hear);
        }
        case JobDecision.Answers answers -> answers.notices().forEach(this::hear);
        case JobDecision.Ignores _ -> {}
      }
    }

    private void hear(Notice notice) {
      if (notice instanceof Notice.Settlement settlement) {
        settled.merge(settlement.outcome(), settlement.delivered(), Boolean::logicalOr);
      }
    }

    /// What a new owner finds: a prefix of the log. What the lost tail said was never heard, since
    /// nothing leaves before its transition is in the log; what the prefix said is sent again.
    Run crash(int kept) {
      Run restored = new Run(log.getFirst().after());
      restored.log.clear();
      restored.log.addAll(log.subList(0, kept + 1));
      restored.job = log.get(kept).after();
      restored.read = log.get(kept).read();
      for (Attempt attempt : restored.job.progress().attempts()) {
        attempt
            .outcome()
            .filter(_ -> attempt.called())
            .ifPresent(at -> {
              restored.outcomes.add(at);
              boolean delivered =
                  restored.job.phase() instanceof Phase.Done done
                      && done.status() == Phase.Status.SUCCEEDED
                      && done.outcome().equals(Optional.of(at));
              restored.settled.put(at, delivered);
            });
      }
      return restored;
    }

    void check(String which) {
      assertEquals(outcomes, settled.keySet(), which + ": each call settled");
      long delivered = settled.values().stream().filter(one -> one).count();
      boolean succeeded =
          job.phase() instanceof Phase.Done done && done.status() == Phase.Status.SUCCEEDED;
      assertEquals(succeeded ? 1 : 0, delivered, which + ": delivered once if succeeded");
    }
  }
}
