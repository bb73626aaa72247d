package dev.sluice.router.topology;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.avro.PriorityClass;
import dev.sluice.contract.avro.RouterTransition;
import dev.sluice.contract.avro.Submission;
import dev.sluice.contract.model.JobId;
import dev.sluice.contract.model.Policy;
import dev.sluice.contract.price.PriceBook;
import dev.sluice.contract.serde.RecordSerdes;
import dev.sluice.contract.topic.Topics;
import dev.sluice.router.core.Job;
import dev.sluice.router.core.LogPosition;
import dev.sluice.router.core.RouteMoment;
import dev.sluice.router.core.RoutePlans;
import dev.sluice.router.core.RouteScores;
import dev.sluice.router.core.TaskState;
import dev.sluice.router.core.limits.Limits;
import dev.sluice.testkit.serde.MemorySchemaRegistry;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.serialization.Serde;
import org.junit.jupiter.api.Test;

/// What a job that waits costs a router task, restored from the log as after a crash.
class WaitingJobsTest {
  private static final int JOBS = 200_000;
  private static final int TENANTS = 2_000;

  /// Heap bytes that one may take, with the headers of objects as the launcher asks for them: the
  /// aim is 300, and some bytes are left for what the JVM does meanwhile.
  private static final long BOUND_BYTES = 320;

  private static final Instant NOW = Instant.parse("2026-11-21T08:00:00Z");

  private final Serde<RouterTransition> serde =
      RecordSerdes.over(new MemorySchemaRegistry()).forRecord(RouterTransition.class);

  private static Job job(int number) {
    Submission submission =
        Submission.newBuilder()
            .setJobId(JobId.create(NOW.plusMillis(number), 0, 0, number).text())
            .setTenant("tenant-" + number % TENANTS)
            .setPriority(PriorityClass.BATCH)
            .setEndpoint("/v1/chat/completions")
            .setModel("claude-sonnet")
            .setKeyId("ci")
            .setEstimatedInputTokens(number % 5_000)
            .setMaxOutputTokens(1_000L)
            .setBody(ByteBuffer.allocate(0))
            .setCreatedAt(NOW)
            .setDeadline(NOW.plus(Duration.ofHours(24)).plusMillis(number))
            .setReplyPartition(0)
            .build();
    return Commands.submitted(
        submission, new LogPosition("sluice.jobs.batch", 0, number), NOW, new Limits());
  }

  private ConsumerRecord<byte[], byte[]> record(int number) {
    Job job = job(number);
    RouterTransition transition = new RouterTransition();
    transition.setEpoch(1);
    transition.setPositions(List.of(0L, 0L, 0L, (long) number));
    transition.setJob(Transitions.image(job));
    return new ConsumerRecord<>(
        Topics.ROUTER_LOG.name(),
        0,
        number,
        job.id().text().getBytes(StandardCharsets.UTF_8),
        serde.serializer().serialize("log", transition));
  }

  @Test
  void oneOfAMillionWaitingJobsIsSmall() {
    Policy policy =
        new Policy(
            1,
            Map.of(),
            Map.of(
                "p",
                new Policy.Pool(
                    "p",
                    Policy.ProviderKind.SIMULATED,
                    List.of(),
                    Optional.empty(),
                    64,
                    Policy.Timeouts.DEFAULT,
                    Set.of("chat"),
                    Policy.Simulation.DEFAULT)),
            Map.of(
                "claude-sonnet",
                new Policy.Model(
                    "claude-sonnet",
                    Optional.empty(),
                    List.of(new Policy.Route("p", "x", 1)),
                    List.of())),
            List.of());
    RouteMoment moment =
        new RouteMoment(
            RoutePlans.of(policy), PriceBook.of(policy), _ -> true, new RouteScores(), NOW, 1);
    // What the code itself needs is there before it is measured.
    assertEquals(JOBS, waiting(moment).size());
    long before = used();

    TaskState state = waiting(moment);

    long bytes = (used() - before) / JOBS;
    System.out.println("a waiting job takes " + bytes + " bytes of heap");
    assertEquals(JOBS, state.size());
    assertTrue(bytes <= BOUND_BYTES, () -> bytes + " bytes");
  }

  private TaskState waiting(RouteMoment moment) {
    TransitionStore.Restored restored = new TransitionStore.Restored();
    TransitionStore store = new TransitionStore(RouterTopology.STORE, serde);
    for (int first = 0; first < JOBS; first += 1_000) {
      store.fold(restored, IntStream.range(first, first + 1_000).mapToObj(this::record).toList());
    }
    TaskState state = new TaskState();
    List<JobId> ids = new ArrayList<>(JOBS);
    state.restore(restored.jobs, job -> ids.add(job.id()));
    ids.forEach(id -> state.place(id, moment));
    return state;
  }

  /// Bytes of heap in use once all garbage is gone.
  private static long used() {
    System.gc();
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }
}
