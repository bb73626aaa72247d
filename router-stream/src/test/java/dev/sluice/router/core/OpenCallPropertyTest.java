package dev.sluice.router.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.model.JobId;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// One entry of the ledger for each provider call: whatever becomes of jobs, workers and the router
/// itself, every claim that ever held a job is settled by exactly one transition.
///
/// Workers behave as real ones do: one outcome a claim, after it, or none when they die. The router
/// crashes after any prefix of its log and reads any suffix of its inputs again.
class OpenCallPropertyTest {
  private static final int JOBS_PER_SEED = 300;

  @ParameterizedTest
  @ValueSource(longs = {101, 102, 103, 104, 105, 106, 107, 108})
  void everyClaimThatHeldAJobIsSettledByOneTransitionThroughAnyCrash(long seed) {
    Random random = new Random(seed);
    int open = 0;
    for (int number = 0; number < JOBS_PER_SEED; number++) {
      Map<LogPosition, Long> claimOf = new HashMap<>();
      List<JobCommand> commands = commands(random, claimOf);
      Writer live = new Writer(Jobs.waiting(number));
      int crash = random.nextInt(commands.size() + 1);
      live.read(commands, 0, crash);

      int kept = random.nextInt(live.log.size());
      int committed = random.nextInt(live.log.get(kept).read() + 1);
      Writer restored = live.crash(kept, committed);
      String which = "seed " + seed + " job " + number;
      restored.read(commands, committed, commands.size());
      restored
          .job
          .openClaim()
          .ifPresent(claim ->
              assertFalse(claimOf.containsValue(claim.claimId()), which + " was reported"));
      restored.leasesEnd();

      Map<Long, Integer> settled = restored.settledBy(claimOf);
      for (long holder : restored.holders()) {
        assertEquals(1, settled.getOrDefault(holder, 0), which + " claim " + holder);
      }
      assertTrue(restored.said(claimOf).containsAll(restored.holders()), which);
      assertEquals(Optional.empty(), restored.job.openClaim(), which);
      open += restored.log.stream().anyMatch(Writer::endedWithAnOpenCall) ? 1 : 0;
    }
    assertTrue(open > JOBS_PER_SEED / 20, "jobs taken from a worker: " + open);
  }

  @ParameterizedTest
  @ValueSource(longs = {201, 202, 203, 204})
  void aStateReplayedFromTheLastRecordsEqualsTheLiveOne(long seed) {
    Random random = new Random(seed);
    TaskState live = new TaskState();
    JobTable readBack = new JobTable();
    Map<JobId, Job> last = new TreeMap<>();
    for (int number = 0; number < JOBS_PER_SEED; number++) {
      List<JobCommand> commands = commands(random, new HashMap<>());
      Writer writer = new Writer(Jobs.waiting(number));
      writer.read(commands, 0, random.nextInt(commands.size() + 1));
      Job gone = Jobs.waiting(JOBS_PER_SEED + number);
      readBack.put(gone);
      for (Logged logged : writer.log) {
        live.apply(logged.after());
        readBack.put(logged.after());
      }
      readBack.forget(gone.id());
      last.put(writer.job.id(), writer.job);
    }
    List<Job> told = new ArrayList<>();
    TaskState replayed = new TaskState();
    replayed.restore(readBack, told::add);

    assertEquals(List.copyOf(last.values()), told);

    assertEquals(last, byId(replayed));
    assertEquals(byId(live), byId(replayed));
    assertEquals(live.pools().released("p"), replayed.pools().released("p"));
    assertEquals(live.calls().busy(), replayed.calls().busy());
    assertEquals(Set.copyOf(live.calls().of("w")), Set.copyOf(replayed.calls().of("w")));
    assertEquals(Set.copyOf(live.doneJobs()), Set.copyOf(replayed.doneJobs()));
    long open = last.values().stream().filter(job -> job.openClaim().isPresent()).count();
    assertEquals(open, live.calls().of("w").size());
  }

  private static Map<JobId, Job> byId(TaskState state) {
    Map<JobId, Job> jobs = new TreeMap<>();
    state.jobs().forEach(job -> jobs.put(job.id(), job));
    return jobs;
  }

  /// A plausible log of commands: each claim is followed by its outcome, sooner, later or never.
  private static List<JobCommand> commands(Random random, Map<LogPosition, Long> claimOf) {
    List<JobCommand> commands = new ArrayList<>();
    List<JobCommand.Claim> unreported = new ArrayList<>();
    long nextClaim = 1;
    int attempt = 1;
    for (int offset = 0; offset < 24; offset++) {
      JobCommand next =
          switch (random.nextInt(10)) {
            case 0, 1 -> Jobs.release();
            case 2 -> new JobCommand.ReleaseAgain();
            case 3 -> new JobCommand.WorkerLost(Optional.of(BigDecimal.ONE));
            case 4 -> random.nextInt(3) == 0 ? new JobCommand.Expire() : Jobs.release();
            case 5 -> random.nextInt(3) == 0 ? new JobCommand.Cancel("caller") : Jobs.release();
            case 6, 7 -> {
              JobCommand.Claim claim = Jobs.claim(attempt, nextClaim++);
              unreported.add(claim);
              yield claim;
            }
            default -> {
              if (unreported.isEmpty()) {
                yield Jobs.release();
              }
              JobCommand.Claim of = unreported.remove(random.nextInt(unreported.size()));
              attempt = Math.max(attempt, of.attempt() + random.nextInt(2));
              JobCommand.Outcome outcome =
                  random.nextInt(3) == 0
                      ? Jobs.success(of.attempt(), of.claimId(), offset)
                      : Jobs.failure(of.attempt(), of.claimId(), offset, FailureCause.DOWN);
              claimOf.put(outcome.position(), of.claimId());
              yield outcome;
            }
          };
      commands.add(next);
    }
    return commands;
  }

  private record Logged(Job after, int read, List<Notice> notices) {}

  /// A single writer of one job, with its log and all it said.
  private static final class Writer {
    Job job;
    int read;
    final List<Logged> log = new ArrayList<>();
    final List<Notice> heard = new ArrayList<>();

    Writer(Job job) {
      this.job = job;
      log.add(new Logged(job, 0, List.of()));
    }

    void read(List<JobCommand> commands, int from, int to) {
      for (int i = from; i < to; i++) {
        boolean again = i < read;
        read = Math.max(read, i + 1);
        JobCommand command = commands.get(i);
        take(
            again
                ? JobMachine.decideAgain(job, command)
                : JobMachine.decide(job, command, Jobs.moment()));
      }
    }

    void leasesEnd() {
      take(JobMachine.decide(job, new JobCommand.WorkerLost(Optional.empty()), Jobs.moment()));
    }

    private void take(JobDecision decision) {
      switch (decision) {
        case JobDecision.Moves(Job after, List<Notice> notices) -> {
          if (job.done()) {
            assertEquals(Jobs.endOf(job), Jobs.endOf(after));
          }
          job = after;
          log.add(new Logged(after, read, notices));
          heard.addAll(notices);
        }
        case JobDecision.Answers(List<Notice> notices) -> heard.addAll(notices);
        case JobDecision.Ignores _ -> {}
      }
    }

    /// A new owner of a prefix of the log. Only what commands below the commit caused was surely
    /// heard; the rest is said again from the last record and from the commands read again.
    Writer crash(int kept, int committed) {
      Writer restored = new Writer(log.getFirst().after());
      restored.log.clear();
      restored.log.addAll(log.subList(0, kept + 1));
      restored.job = log.get(kept).after();
      restored.read = log.get(kept).read();
      for (Logged logged : restored.log) {
        if (logged.read() <= committed) {
          restored.heard.addAll(logged.notices());
        }
      }
      restored.heard.addAll(
          ResendPolicy.decide(
              restored.job,
              new Jobs.Commits(
                  at -> at.topic().equals("sluice.commands") && at.offset() < committed,
                  restored.read < committed)));
      return restored;
    }

    static boolean endedWithAnOpenCall(Logged logged) {
      return logged.after().done() && logged.after().openClaim().isPresent();
    }

    Set<Long> holders() {
      Set<Long> holders = new HashSet<>();
      for (Logged logged : log) {
        logged.after().openClaim().ifPresent(claim -> holders.add(claim.claimId()));
      }
      return holders;
    }

    /// How many transitions settled each claim.
    Map<Long, Integer> settledBy(Map<LogPosition, Long> claimOf) {
      Map<Long, Integer> settled = new HashMap<>();
      for (Logged logged : log) {
        for (long claim : claims(logged.notices(), claimOf)) {
          settled.merge(claim, 1, Integer::sum);
        }
      }
      return settled;
    }

    /// Claims whose settlement the ledger has.
    Set<Long> said(Map<LogPosition, Long> claimOf) {
      return new HashSet<>(claims(heard, claimOf));
    }

    private static List<Long> claims(List<Notice> notices, Map<LogPosition, Long> claimOf) {
      List<Long> claims = new ArrayList<>();
      for (Notice notice : notices) {
        if (notice instanceof Notice.Settlement settlement) {
          claims.add(claimOf.get(settlement.outcome()));
        } else if (notice instanceof Notice.LostSettlement lost) {
          claims.add(lost.attempt().claimId());
        }
      }
      return claims;
    }
  }
}
