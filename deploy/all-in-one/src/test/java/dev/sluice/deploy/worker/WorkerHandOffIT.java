package dev.sluice.deploy.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.avro.Beat;
import dev.sluice.contract.avro.BeatKind;
import dev.sluice.contract.avro.Command;
import dev.sluice.contract.avro.FailureCause;
import dev.sluice.contract.avro.RecordPosition;
import dev.sluice.contract.avro.Submission;
import dev.sluice.contract.avro.UsageSource;
import dev.sluice.contract.avro.Verdict;
import dev.sluice.contract.model.ErrorCode;
import dev.sluice.contract.model.Policy;
import dev.sluice.contract.model.Priority;
import dev.sluice.contract.topic.Topics;
import dev.sluice.deploy.BrokerExtension;
import dev.sluice.deploy.InThisJvm;
import dev.sluice.testkit.Eventually;
import dev.sluice.worker.WorkerService;
import dev.sluice.worker.kafka.Heartbeat;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

@InThisJvm
class WorkerHandOffIT {
  @RegisterExtension static final BrokerExtension BROKER = BrokerExtension.fresh();

  private static final String CHAT = "{\"model\":\"fast\",\"messages\":[{\"content\":\"hello\"}]}";
  private static final Policy.Simulation AT_ONCE = new Policy.Simulation(Duration.ZERO, 0, 5);
  private static final Policy.Simulation SLOW =
      new Policy.Simulation(Duration.ofMillis(1), 2, 1_000);

  @TempDir Path state;
  private WorkerBench bench;

  @BeforeEach
  void open() {
    bench = new WorkerBench(BROKER);
  }

  @AfterEach
  void close() throws Exception {
    bench.close();
  }

  @Test
  void claimsBeforeItReportsAnOutcomeWithUsage() throws Exception {
    bench.publish(WorkerBench.simulated("once", 8, AT_ONCE));
    bench.startWorker(state);

    bench.release(Priority.INTERACTIVE, bench.work("job_a", "once", CHAT).build());

    Command outcome = bench.awaitOutcome("job_a");
    Command claim = bench.awaitClaim("job_a");
    assertTrue(bench.commands.indexOf(claim) < bench.commands.indexOf(outcome));
    assertFalse(claim.getClaim().getAwaitsVerdict());
    assertEquals(claim.getClaim().getClaimId(), outcome.getOutcome().getClaimId());
    assertTrue(outcome.getOutcome().getCalled());
    assertNull(outcome.getOutcome().getError());
    assertEquals(5L, outcome.getOutcome().getUsage().getTokens().get("output"));
    assertEquals(UsageSource.REPORTED, outcome.getOutcome().getUsage().getSource());
    assertTrue(text(outcome.getOutcome().getResult()).contains("chat.completion"));
  }

  @Test
  void publishesDeltasInOrderToTheReplyPartitionBeforeTheOutcome() throws Exception {
    bench.publish(WorkerBench.simulated("streams", 8, new Policy.Simulation(Duration.ZERO, 0, 40)));
    bench.startWorker(state);

    bench.release(Priority.STANDARD, bench.work("job_s", "streams", CHAT).setStream(true).build());

    Command outcome = bench.awaitOutcome("job_s");
    Eventually.await(
        "all deltas",
        WorkerBench.PATIENCE,
        () -> {
          bench.read();
          return bench.events.stream().mapToInt(event -> event.getDeltas().size()).sum() == 41;
        });
    int next = 0;
    for (var event : bench.events) {
      assertEquals(next, event.getSequence());
      assertEquals(outcome.getOutcome().getClaimId(), event.getClaimId());
      next += event.getDeltas().size();
    }
    assertEquals(1, bench.events.getFirst().getDeltas().size());
    assertTrue(bench.eventPartitions.stream().allMatch(partition -> partition == 1));
    assertTrue(outcome.getOutcome().getStreamed());
    assertNotNull(outcome.getOutcome().getFirstTokenAt());
  }

  @Test
  void waitsForTheVerdictOnARepeatAndCallsOnlyThen() throws Exception {
    bench.publish(WorkerBench.simulated("repeats", 8, AT_ONCE));
    bench.startWorker(state);

    bench.release(
        Priority.STANDARD, bench.work("job_run", "repeats", CHAT).setRepeat(true).build());
    bench.release(
        Priority.STANDARD, bench.work("job_drop", "repeats", CHAT).setRepeat(true).build());
    Command run = bench.awaitClaim("job_run");
    Command drop = bench.awaitClaim("job_drop");
    assertTrue(run.getClaim().getAwaitsVerdict());
    assertEquals(0, bench.count(command -> command.getOutcome() != null));
    bench.sayTo(run, Verdict.RUN);
    bench.sayTo(drop, Verdict.DROP);

    assertTrue(bench.awaitOutcome("job_run").getOutcome().getCalled());
    Command dropped = bench.awaitOutcome("job_drop");
    assertFalse(dropped.getOutcome().getCalled());
    assertNull(dropped.getOutcome().getUsage());
  }

  @Test
  void endsACallAtACancelAndReportsWhatItUsed() throws Exception {
    bench.publish(WorkerBench.simulated("slow", 8, SLOW));
    bench.startWorker(state);

    bench.release(Priority.INTERACTIVE, bench.work("job_c", "slow", CHAT).setStream(true).build());
    Eventually.await(
        "first delta",
        WorkerBench.PATIENCE,
        () -> {
          bench.read();
          return !bench.events.isEmpty();
        });
    long before = System.nanoTime();
    bench.sayTo(bench.awaitClaim("job_c"), Verdict.CANCEL);

    Command outcome = bench.awaitOutcome("job_c");
    assertTrue(Duration.ofNanos(System.nanoTime() - before).toMillis() < 10_000);
    assertTrue(outcome.getOutcome().getCalled());
    assertEquals(FailureCause.CANCELLED, outcome.getOutcome().getError().getCause());
    assertEquals(UsageSource.ESTIMATED, outcome.getOutcome().getUsage().getSource());
    assertTrue(outcome.getOutcome().getUsage().getTokens().get("output") > 0);
  }

  @Test
  void neverCallsAfterTheDeadline() throws Exception {
    bench.publish(WorkerBench.simulated("late", 8, AT_ONCE));
    bench.startWorker(state);

    bench.release(
        Priority.BATCH,
        bench.work("job_l", "late", CHAT).setDeadline(Instant.now().minusSeconds(1)).build());

    Command outcome = bench.awaitOutcome("job_l");
    assertFalse(outcome.getOutcome().getCalled());
    assertEquals(FailureCause.EXPIRED, outcome.getOutcome().getError().getCause());
  }

  @Test
  void readsTheBodyFromTheLogWhereTheWorkHasNone() throws Exception {
    bench.publish(WorkerBench.simulated("bodies", 8, AT_ONCE));
    String topic = Topics.jobs(Priority.STANDARD).name();
    Submission submission =
        Submission.newBuilder()
            .setJobId("job_b")
            .setTenant(WorkerBench.TENANT)
            .setEndpoint("/v1/chat/completions")
            .setModel("fast")
            .setBody(ByteBuffer.wrap(CHAT.getBytes(StandardCharsets.UTF_8)))
            .setCreatedAt(Instant.now())
            .setDeadline(Instant.now().plusSeconds(600))
            .setReplyPartition(1)
            .build();
    long offset = bench.send(topic, 0, Submission.class, submission);
    bench.startWorker(state);

    bench.release(
        Priority.STANDARD,
        bench
            .work("job_b", "bodies", "")
            .setBody(null)
            .setSource(new RecordPosition(topic, 0, offset))
            .build());

    assertNull(bench.awaitOutcome("job_b").getOutcome().getError());
  }

  @Test
  void setsAPoisonRecordAsideAndGoesOn() throws Exception {
    bench.publish(WorkerBench.simulated("poison", 8, AT_ONCE));
    bench.startWorker(state);

    bench.sendBytes(Topics.workName("poison", Priority.STANDARD), new byte[] {1, 2, 3});
    bench.release(Priority.STANDARD, bench.work("job_p", "poison", CHAT).build());

    assertNull(bench.awaitOutcome("job_p").getOutcome().getError());
    assertEquals(
        1.0,
        bench
            .registries
            .getFirst()
            .counter("sluice.worker.poison", "topic", "sluice.work.poison.standard")
            .count());
  }

  @Test
  void onePoolSlotServesAllClassesInTurn() throws Exception {
    bench.publish(WorkerBench.simulated("one", 1, AT_ONCE));
    bench.startWorker(state);

    for (int i = 0; i < 10; i++) {
      for (Priority priority : Priority.values()) {
        String id = "job_" + priority.key() + i;
        bench.release(priority, bench.work(id, "one", CHAT).build());
      }
    }

    Eventually.await(
        "all outcomes",
        WorkerBench.PATIENCE,
        () -> {
          bench.read();
          bench.giveVerdicts();
          return bench.count(command -> command.getOutcome() != null) == 30;
        });
  }

  @Test
  void workThatFindsNoSlotWithinTheQueueTimeoutIsNotCalled() throws Exception {
    bench.publish(WorkerBench.simulated("queue", 1, queueing(Duration.ofMillis(500)), SLOW));
    bench.startWorker(state);
    bench.release(
        Priority.INTERACTIVE, bench.work("job_first", "queue", CHAT).setStream(true).build());
    Eventually.await(
        "the only slot is used",
        WorkerBench.PATIENCE,
        () -> {
          bench.read();
          return !bench.events.isEmpty();
        });

    bench.release(Priority.STANDARD, bench.work("job_late", "queue", CHAT).build());

    Command late = bench.awaitOutcome("job_late");
    assertFalse(late.getOutcome().getCalled());
    assertNull(late.getOutcome().getUsage());
    assertEquals(FailureCause.TIMEOUT, late.getOutcome().getError().getCause());
    assertEquals(ErrorCode.PROVIDER_TIMEOUT.code(), late.getOutcome().getError().getCode());
    assertEquals("no slot of pool queue within PT0.5S", late.getOutcome().getError().getMessage());
    assertEquals(1, bench.count(command -> command.getOutcome() != null), "the first runs on");
  }

  @Test
  void drainEndsCallsWithinGraceAndLeavesTheRestInTheLog() throws Exception {
    bench.publish(
        WorkerBench.simulated("drained", 2, new Policy.Simulation(Duration.ofMillis(300), 0, 1)));
    WorkerService worker = bench.startWorker(state);
    for (int i = 0; i < 20; i++) {
      bench.release(Priority.BATCH, bench.work("job_" + i, "drained", CHAT).build());
    }
    bench.awaitCommand("a claim", command -> command.getClaim() != null);

    worker.drain(Duration.ofSeconds(10));

    bench.readToTheEnd();
    // Work that had to queue is no longer young: whose verdict nobody gave is given back uncalled.
    List<Long> claims =
        bench.commands.stream()
            .filter(command -> command.getClaim() != null && !command.getClaim().getAwaitsVerdict())
            .map(command -> command.getClaim().getClaimId())
            .toList();
    assertTrue(claims.size() < 20);
    for (Long claim : claims) {
      assertEquals(
          1,
          bench.count(command ->
              command.getOutcome() != null
                  && command.getOutcome().getClaimId() == claim
                  && command.getOutcome().getError() == null));
    }
    bench.startWorker(state);
    Eventually.await(
        "the rest",
        WorkerBench.PATIENCE,
        () -> {
          bench.read();
          bench.giveVerdicts();
          return bench.commands.stream()
                  .filter(command -> command.getOutcome() != null)
                  .map(Command::getJobId)
                  .distinct()
                  .count()
              == 20;
        });
  }

  @Test
  void twoWorkersShareTheSlotsOfAPool() throws Exception {
    bench.publish(WorkerBench.simulated("shared", 4, SLOW));
    bench.startWorker(state);
    bench.startWorker(state);
    Eventually.await(
        "each has half",
        WorkerBench.PATIENCE,
        () -> bench.slots("shared").equals(List.of(2.0, 2.0)));

    for (int i = 0; i < 8; i++) {
      bench.release(Priority.STANDARD, bench.work("job_" + i, "shared", CHAT).build());
    }

    Eventually.await(
        "four calls run",
        WorkerBench.PATIENCE,
        () -> {
          bench.read();
          bench.giveVerdicts();
          return bench.slotsUsed("shared") == 4.0;
        });
    assertEquals(0, bench.count(command -> command.getOutcome() != null));
  }

  @Test
  void aWorkerThatLivesCountsFromTheStartAndOneThatDiedDoesNot() throws Exception {
    bench.publish(WorkerBench.simulated("left", 8, AT_ONCE));
    Beat dead =
        new Beat(
            "dead", BeatKind.WORKER, List.of("left"), 0, false, List.of(), List.of(), List.of());
    Beat living =
        new Beat(
            "living", BeatKind.WORKER, List.of("left"), 0, false, List.of(), List.of(), List.of());
    bench.send(Topics.WORKERS.name(), 0, Beat.class, dead);
    long died = System.nanoTime();
    Eventually.await(
        "longer than two beats",
        WorkerBench.PATIENCE,
        () -> System.nanoTime() - died > 2 * Heartbeat.PERIOD.toNanos());

    bench.startWorker(state);
    assertEquals(List.of(8.0), bench.slots("left"));

    bench.startWorker(state);
    Eventually.await(
        "a third each",
        WorkerBench.PATIENCE,
        () -> {
          bench.send(Topics.WORKERS.name(), 0, Beat.class, living);
          return bench.slots("left").stream().allMatch(slots -> slots <= 3);
        });
  }

  @Test
  void followsThePolicyWhilePoolsComeAndGo() throws Exception {
    bench.publish(WorkerBench.simulated("first", 4, AT_ONCE));
    bench.startWorker(state);

    bench.publish(
        WorkerBench.simulated("first", 64, AT_ONCE), WorkerBench.simulated("second", 4, AT_ONCE));
    bench.release(Priority.INTERACTIVE, bench.work("job_2", "second", CHAT).build());
    bench.release(Priority.INTERACTIVE, bench.work("job_1", "first", CHAT).build());

    Eventually.await(
        "both outcomes",
        WorkerBench.PATIENCE,
        () -> {
          bench.read();
          bench.giveVerdicts();
          return bench.count(command -> command.getOutcome() != null) == 2;
        });
    bench.publish(WorkerBench.simulated("second", 4, AT_ONCE));
    Eventually.await(
        "the first pool is gone", WorkerBench.PATIENCE, () -> bench.slots("first").isEmpty());
  }

  private static Policy.Timeouts queueing(Duration queue) {
    Policy.Timeouts usual = Policy.Timeouts.DEFAULT;
    return new Policy.Timeouts(
        queue, usual.connect(), usual.firstToken(), usual.idle(), usual.total());
  }

  private static String text(ByteBuffer bytes) {
    return StandardCharsets.UTF_8.decode(bytes.duplicate()).toString();
  }
}
