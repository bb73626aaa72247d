package dev.sluice.deploy.router;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.contract.avro.JobStatus;
import dev.sluice.deploy.BrokerExtension;
import dev.sluice.deploy.InThisJvm;
import dev.sluice.testkit.Eventually;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The router dies at each crash point, again and again, under work: every job ends once and is
/// settled once.
@InThisJvm
class RouterCrashIT {
  private static final int JOBS = 240;
  private static final int KEYS = 40;
  private static final int DEATHS = 3;
  private static final int GROUP = 3_000;

  /// Of a point between two deaths, so that each falls into the middle of the work.
  private static final int PASSES = 20;

  private static final Duration LIMIT = Duration.ofSeconds(60);

  @RegisterExtension static final BrokerExtension BROKER = BrokerExtension.fresh();

  /// An order for a group is carried out some jobs at a time; whoever dies in the middle of it, his
  /// successor goes on.
  @Test
  void anOrderForAGroupReachesEachOfItsJobsThoughTheRouterDies() throws Exception {
    // Each death leaves most of the order undone in the log.
    var countdown = new CrashingProducer.Countdown(CrashPoint.BEFORE_CHANGELOG, DEATHS, GROUP / 10);
    try (RouterRig rig = new RouterRig(BROKER)) {
      rig.startRouter(producer -> new CrashingProducer(producer, countdown));
      Set<String> submitted = new TreeSet<>();
      for (int i = 0; i < GROUP; i++) {
        submitted.add(rig.submitIn("run", "of the group " + i));
      }

      Eventually.await("admission", LIMIT, () -> rig.admitted() == GROUP);
      rig.cancelGroup("run");

      for (String job : submitted) {
        assertEquals(JobStatus.CANCELLED, rig.output.awaitResult(job, LIMIT).getStatus(), job);
      }
      assertEquals(DEATHS, countdown.died());
    }
  }

  @ParameterizedTest
  @EnumSource
  void everyJobEndsOnceThoughTheRouterDies(CrashPoint point) throws Exception {
    int passes =
        switch (point) {
          // Passed once a commit, not once a job.
          case BEFORE_COMMIT -> 2;
          case LOGGED_BUT_NOT_RELEASED,
              LOGGED_BUT_NOT_TOLD,
              BETWEEN_OUTPUTS,
              BEFORE_CHANGELOG,
              AFTER_COMMIT,
              LOG_SLOWER_THAN_OUTPUTS ->
              PASSES;
        };
    var countdown = new CrashingProducer.Countdown(point, DEATHS, passes);
    try (RouterRig rig = new RouterRig(BROKER)) {
      rig.startRouter(producer -> new CrashingProducer(producer, countdown));
      rig.startWorker();
      Set<String> submitted = new TreeSet<>();
      for (int i = 0; i < JOBS; i++) {
        submitted.add(rig.submit(point + " " + i));
      }
      Map<String, List<String>> byKey = new HashMap<>();
      for (int i = 0; i < 2 * KEYS; i++) {
        String key = point + " key " + i % KEYS;
        byKey.computeIfAbsent(key, _ -> new ArrayList<>()).add(rig.submit(key, key));
      }

      Eventually.await(
          "all deaths at " + point,
          LIMIT,
          () -> {
            submitted.add(rig.submit("more at " + point));
            return countdown.died() == DEATHS;
          });
      for (String key : byKey.keySet()) {
        byKey.get(key).add(rig.submit(key, key));
      }

      for (String job : submitted) {
        assertEquals(JobStatus.SUCCEEDED, rig.output.awaitResult(job, LIMIT).getStatus(), job);
      }
      for (List<String> ids : byKey.values()) {
        Set<String> jobs = new TreeSet<>();
        for (String id : ids) {
          jobs.add(rig.output.awaitJob(id, LIMIT));
        }
        assertEquals(1, jobs.size(), "one job a key: " + jobs);
        submitted.addAll(jobs);
      }
      rig.output.settle();
      assertEquals(Set.of(), rig.output.jobsWithMoreThanOneResult());
      for (String job : submitted) {
        assertEquals(1, rig.output.settlements(job), job);
      }
    }
  }
}
