package dev.sluice.router.topology;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.contract.avro.RouterTransition;
import dev.sluice.contract.model.ErrorCode;
import dev.sluice.contract.model.JobId;
import dev.sluice.contract.model.Priority;
import dev.sluice.contract.serde.RecordSerdes;
import dev.sluice.router.core.Attempt;
import dev.sluice.router.core.CacheUse;
import dev.sluice.router.core.Callback;
import dev.sluice.router.core.Delivery;
import dev.sluice.router.core.Digest;
import dev.sluice.router.core.Failure;
import dev.sluice.router.core.FailureCause;
import dev.sluice.router.core.Job;
import dev.sluice.router.core.KeptAnswer;
import dev.sluice.router.core.LogPosition;
import dev.sluice.router.core.Phase;
import dev.sluice.router.core.Placement;
import dev.sluice.router.core.Progress;
import dev.sluice.router.core.RepeatKey;
import dev.sluice.router.core.RouteChoice;
import dev.sluice.router.core.RouteFacts;
import dev.sluice.router.core.Shadow;
import dev.sluice.router.core.limits.Demand;
import dev.sluice.router.core.limits.Spent;
import dev.sluice.testkit.serde.MemorySchemaRegistry;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.apache.kafka.common.serialization.Serde;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// A job comes out of the log as it went in.
class TransitionsTest {
  private static final Instant NOW = Instant.parse("2026-11-21T08:00:00.123Z");
  private static final Placement PLACE = new Placement("p", "x", 3, "weighted");
  private static final Phase.Running CLAIM =
      new Phase.Running(PLACE, 2, 1, "w", 4, -7, NOW.minusSeconds(3));
  private static final List<RouteChoice.Rejected> REJECTED =
      List.of(new RouteChoice.Rejected("q", "y", "its condition is false"));
  private static final Placement CHOSEN =
      new Placement(
          "p", "x", 3, "at most 1 USD", new RouteChoice("cheapest", Optional.of("b"), REJECTED));
  private static final LogPosition OUTCOME = new LogPosition("sluice.commands", 0, 30);
  private static final RepeatKey KEY =
      RepeatKey.named("acme", "k", ByteBuffer.wrap(new byte[32]), NOW);
  private static final Failure FAILURE =
      Failure.of(ErrorCode.CANCELLED, FailureCause.CANCELLED, "the job was cancelled");

  private final Serde<RouterTransition> serde =
      RecordSerdes.over(new MemorySchemaRegistry()).forRecord(RouterTransition.class);

  private static Attempt attempt(FailureCause cause, Optional<LogPosition> outcome) {
    return new Attempt(
        1,
        "p",
        "x",
        5,
        cause,
        Optional.of(ErrorCode.PROVIDER_DOWN),
        0,
        Optional.of(NOW),
        NOW,
        outcome);
  }

  private static Phase.Done done(Phase.LastCall lastCall) {
    return new Phase.Done(
        Phase.Status.CANCELLED,
        Optional.of(PLACE),
        CLAIM.claimId(),
        Optional.empty(),
        Optional.of(FAILURE),
        NOW,
        lastCall);
  }

  private static CacheUse use() {
    CacheUse asked =
        CacheUse.wished(CacheUse.Mode.USE, new Digest(1, -2), Duration.ofMinutes(3))
            .under(new Digest(-3, 4));
    KeptAnswer answer =
        new KeptAnswer(
            asked.key("acme"),
            JobId.create(NOW, 0, 0, 3),
            NOW.minusSeconds(58),
            NOW.minusSeconds(60),
            NOW.plusSeconds(60),
            Optional.of(new BigDecimal("0.000000000012")));
    return new CacheUse(
        asked.mode(),
        asked.request(),
        asked.plan(),
        asked.ttl(),
        true,
        Optional.of(new BigDecimal("0.000000000015")),
        Optional.of(JobId.create(NOW, 0, 0, 4)),
        Optional.of(new CacheUse.Hit(answer, Optional.of(new BigDecimal("0.000000000006")))));
  }

  static Stream<Phase> phases() {
    return Stream.of(
        new Phase.Waiting(NOW, Optional.of(PLACE), Optional.of(Phase.Hold.provider(List.of()))),
        new Phase.Waiting(
            Instant.EPOCH,
            Optional.empty(),
            Optional.of(
                new Phase.Hold("rate", Optional.of("requests/PT1M"), Optional.of(NOW), List.of()))),
        new Phase.Waiting(Instant.EPOCH, Optional.empty(), Optional.empty()),
        new Phase.Waiting(NOW, Optional.of(CHOSEN), Optional.of(Phase.Hold.provider(REJECTED))),
        new Phase.Released(PLACE, 2, 3, NOW),
        new Phase.Released(CHOSEN, 2, 3, NOW),
        CLAIM,
        done(new Phase.LastCall.Accounted()),
        done(new Phase.LastCall.Unclaimed(new Phase.Released(PLACE, 2, 3, NOW))),
        done(new Phase.LastCall.Open(CLAIM)),
        done(new Phase.LastCall.Lost(attempt(FailureCause.WORKER_LOST, Optional.empty()))),
        new Phase.Done(
            Phase.Status.SUCCEEDED,
            Optional.of(PLACE),
            CLAIM.claimId(),
            Optional.of(OUTCOME),
            Optional.empty(),
            NOW,
            new Phase.LastCall.Accounted()));
  }

  @ParameterizedTest
  @MethodSource("phases")
  void everyPhaseSurvivesTheLog(Phase phase) {
    Job job =
        new Job(
            JobId.create(NOW, 0, 0, 1),
            "acme",
            Priority.BATCH,
            "m",
            new LogPosition("sluice.jobs.batch", 0, 9),
            NOW.plusSeconds(60),
            new Demand("ci", Map.of("project", "x"), 100, 50, 2, true, Optional.of("dear")),
            new Delivery(
                2,
                true,
                true,
                Optional.of(
                    new Callback(
                        "/v1/responses", Optional.of("https://a.example/"), Optional.of("s")))),
            Optional.of("session"),
            Optional.of("run-7"),
            Optional.of(KEY),
            List.of(JobId.create(NOW, 0, 0, 1), JobId.create(NOW, 1, 0, 2)),
            Optional.of(use()),
            Optional.of(
                new RouteFacts(
                    "/v1/embeddings",
                    12,
                    OptionalLong.of(7),
                    Map.of("tier", "gold"),
                    Map.of("anthropic-version", "2023-06-01"))),
            Optional.of(new Shadow.CopyOf(JobId.create(NOW, 0, 0, 3))),
            6,
            new Progress(
                List.of(attempt(FailureCause.DOWN, Optional.of(OUTCOME))),
                Optional.of(new BigDecimal("0.000000000012")),
                Optional.of(NOW),
                Optional.of(new Spent(4, 10, 20, 30, NOW))),
            phase);
    RouterTransition written = new RouterTransition();
    written.setEpoch(1);
    written.setPositions(List.of(0L, 0L, 0L, 0L));
    written.setJob(Transitions.image(job));

    RouterTransition read =
        serde.deserializer().deserialize("log", serde.serializer().serialize("log", written));

    assertEquals(job, Transitions.job(job.id(), read.getJob()));
  }
}
