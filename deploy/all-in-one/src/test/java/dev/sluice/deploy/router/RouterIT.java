package dev.sluice.deploy.router;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.avro.FailureCause;
import dev.sluice.contract.avro.JobResult;
import dev.sluice.contract.avro.JobStatus;
import dev.sluice.contract.avro.Settlement;
import dev.sluice.contract.avro.UsageSource;
import dev.sluice.contract.model.Priority;
import dev.sluice.contract.topic.Topics;
import dev.sluice.deploy.BrokerExtension;
import dev.sluice.deploy.InThisJvm;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The router on a real broker, with a worker played by the test.
@InThisJvm
class RouterIT {
  @RegisterExtension static final BrokerExtension BROKER = BrokerExtension.fresh();

  @Test
  void takesAJobFromSubmissionToResultAndLedger() throws Exception {
    try (RouterRig rig = new RouterRig(BROKER)) {
      rig.startRouter();
      rig.startWorker();

      String job = rig.submit("hello");
      JobResult result = rig.output.awaitResult(job, Duration.ofSeconds(20));

      assertEquals(JobStatus.SUCCEEDED, result.getStatus());
      assertEquals(1, rig.output.settlements(job));
    }
  }

  @Test
  void setsAsideWhatCannotBeUsedAndGoesOn() throws Exception {
    try (RouterRig rig = new RouterRig(BROKER)) {
      rig.startRouter();
      rig.startSilentWorker();
      String busy = rig.submit("claimed");
      rig.awaitClaim(busy);

      rig.sendRaw(Topics.jobs(Priority.STANDARD), "garbage".getBytes(StandardCharsets.UTF_8));
      rig.sendRaw(Topics.jobs(Priority.STANDARD), null);
      rig.sendRaw(Topics.COMMANDS, "garbage".getBytes(StandardCharsets.UTF_8));
      rig.reportTokens(busy, Long.MAX_VALUE);
      rig.report(busy);

      assertEquals(
          JobStatus.SUCCEEDED, rig.output.awaitResult(busy, Duration.ofSeconds(20)).getStatus());
      assertEquals(
          List.of(
              "sluice.commands decode_error",
              "sluice.commands poison",
              "sluice.jobs.standard decode_error",
              "sluice.jobs.standard decode_error"),
          rig.output.awaitLetters(4));
    }
  }

  @Test
  void aSecondRouterIsReadyWithoutATaskAndGoesOnWhenTheFirstLeaves() throws Exception {
    try (RouterRig rig = new RouterRig(BROKER)) {
      rig.startRouter();
      rig.startStandby();
      assertEquals(1, rig.tasks());

      rig.leaveToStandby();

      rig.startWorker();
      String job = rig.submit("hello");
      assertEquals(
          JobStatus.SUCCEEDED, rig.output.awaitResult(job, Duration.ofSeconds(20)).getStatus());
    }
  }

  @Test
  void aCancelledCallWhoseWorkerDiesIsOwedOnceThroughAnAbandonedRouter() throws Exception {
    try (RouterRig rig = new RouterRig(BROKER)) {
      rig.startRouter();
      rig.startSilentWorker();
      String job = rig.submit("hello");
      rig.cancelClaimed(job);
      assertEquals(
          JobStatus.CANCELLED, rig.output.awaitResult(job, Duration.ofSeconds(20)).getStatus());
      rig.output.awaitCancels(job, 1);

      rig.restartRouter();

      rig.output.awaitCancels(job, 2);
      assertFalse(rig.output.inLedger(job));

      rig.workerDies();

      List<Settlement> entries = rig.output.ledger(job, Duration.ofSeconds(30));
      assertEquals(1, entries.size());
      assertFalse(entries.getFirst().getDelivered());
      assertEquals(FailureCause.WORKER_LOST, entries.getFirst().getCause());
      assertEquals(UsageSource.UNKNOWN, entries.getFirst().getUsage().getSource());
      assertEquals(Set.of(), rig.output.jobsWithMoreThanOneResult());
    }
  }

  @Test
  void aLeaseEndsThoughNoRouterLivesForFiveSeconds() throws Exception {
    try (RouterRig rig = new RouterRig(BROKER)) {
      rig.startRouter();
      rig.startSilentWorker();
      String job = rig.submit("hello");
      rig.cancelClaimed(job);
      rig.output.awaitResult(job, Duration.ofSeconds(20));

      rig.workerDies();
      for (int lives = 0; lives < 20 && !rig.output.inLedger(job); lives++) {
        rig.restartRouterAfter(Duration.ofSeconds(3));
      }

      assertTrue(rig.output.inLedger(job));
    }
  }

  @Test
  void finishesEveryJobOnceWhenTheRouterIsAbandonedAgainAndAgain() throws Exception {
    try (RouterRig rig = new RouterRig(BROKER)) {
      rig.startRouter();
      rig.startWorker();
      Set<String> submitted = new TreeSet<>();

      for (int round = 0; round < 4; round++) {
        for (int i = 0; i < 200; i++) {
          submitted.add(rig.submit("job " + round + "/" + i));
        }
        rig.restartRouter();
      }

      for (String job : submitted) {
        assertEquals(
            JobStatus.SUCCEEDED,
            rig.output.awaitResult(job, Duration.ofSeconds(40)).getStatus(),
            job);
      }
      rig.output.settle();
      assertEquals(Set.of(), rig.output.jobsWithMoreThanOneResult());
      for (String job : submitted) {
        assertEquals(1, rig.output.settlements(job), job);
      }
    }
  }
}
