package dev.sluice.router.topology;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.avro.PriorityClass;
import dev.sluice.contract.avro.Submission;
import dev.sluice.contract.model.JobId;
import dev.sluice.contract.model.Policy;
import dev.sluice.contract.price.PriceBook;
import dev.sluice.router.core.Job;
import dev.sluice.router.core.LogPosition;
import dev.sluice.router.core.Placement;
import dev.sluice.router.core.RouteFacts;
import dev.sluice.router.core.RoutePlans;
import dev.sluice.router.core.RoutePolicy;
import dev.sluice.router.core.RoutePolicy.RouteDecision;
import dev.sluice.router.core.limits.Limits;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RouteDeskTest {
  private static final Instant DAY = Instant.parse("2026-11-28T12:07:00Z");

  private final RouteDesk desk = new RouteDesk(new SplittableRandom(1));

  private static TaskView.Rules rules(Optional<String> condition) {
    Policy policy =
        new Policy(
            3,
            Map.of(),
            Map.of(),
            Map.of(
                "m",
                new Policy.Model(
                    "m",
                    Optional.empty(),
                    List.of(
                        new Policy.Route("a", "x", 1, condition, Optional.empty()),
                        new Policy.Route("b", "x", 1)),
                    List.of(),
                    Policy.Routing.PRIORITY,
                    Optional.empty())),
            List.of());
    return new TaskView.Rules(
        policy, PriceBook.of(policy), Set.of("a", "b"), RoutePlans.of(policy, CelCondition::of));
  }

  private static Submission submission() {
    Submission submission = new Submission();
    submission.setJobId(JobId.create(DAY, 0, 0, 1).text());
    submission.setTenant("acme");
    submission.setKeyId("ci");
    submission.setPriority(PriorityClass.BATCH);
    submission.setModel("m");
    submission.setEndpoint("/v1/embeddings");
    submission.setBody(ByteBuffer.allocate(0));
    submission.setDeadline(DAY.plusSeconds(60));
    submission.setEstimatedInputTokens(40);
    submission.setMaxOutputTokens(8L);
    submission.setTags(Map.of("tier", "gold"));
    submission.setRequestHeaders(Map.of("anthropic-version", "2023-06-01"));
    return submission;
  }

  private static Job job() {
    return Commands.submitted(
        submission(), new LogPosition("sluice.jobs.batch", 0, 1), DAY, new Limits());
  }

  private String poolOf(Job job, TaskView.Rules rules, Instant now) {
    return RoutePolicy.decide(job, desk.moment(rules, now))
            instanceof RouteDecision.Routed(Placement placement)
        ? placement.pool()
        : "none";
  }

  @Test
  void keepsWhatRoutingAsksOnlyWhereItAsks() {
    Job asked = RouteDesk.informed(job(), submission(), rules(Optional.of("stream")));

    assertEquals(
        Optional.of(
            new RouteFacts(
                "/v1/embeddings",
                40,
                OptionalLong.of(8),
                Map.of("tier", "gold"),
                Map.of("anthropic-version", "2023-06-01"))),
        asked.facts());
    assertEquals(
        Optional.empty(), RouteDesk.informed(job(), submission(), rules(Optional.empty())).facts());
  }

  @Test
  void asksConditionsByTheFactsOfTheJob() {
    TaskView.Rules rules =
        rules(
            Optional.of(
                "model == 'm' && tenant == 'acme' && endpoint == '/v1/embeddings' && priority =="
                    + " 'batch' && session == '' && !stream && tags.tier == 'gold' &&"
                    + " headers['anthropic-version'] == '2023-06-01' && input_tokens == 40 &&"
                    + " estimated_tokens == 40 && hour('Europe/Berlin') == 13"));
    Job job = RouteDesk.informed(job(), submission(), rules);

    assertEquals("a", poolOf(job, rules, DAY));
    assertEquals("b", poolOf(job, rules, DAY.plusSeconds(3_600)));
  }

  @Test
  void aConditionOfALaterVersionDoesNotHold() {
    TaskView.Rules rules = rules(Optional.of("moon('full')"));

    assertEquals("b", poolOf(RouteDesk.informed(job(), submission(), rules), rules, DAY));
  }

  @Test
  void looksAtTheTimeAgainAtEachQuarterWhereAPlanDoes() {
    TaskView.Rules timed = rules(Optional.of("hour('UTC') < 8"));
    TaskView.Rules timeless = rules(Optional.of("stream"));

    assertFalse(desk.turned(timed, DAY));
    assertFalse(desk.turned(timed, DAY.plusSeconds(7 * 60)));
    assertTrue(desk.turned(timed, DAY.plusSeconds(8 * 60)));
    assertFalse(desk.turned(timed, DAY.plusSeconds(9 * 60)));
    assertFalse(desk.turned(timeless, DAY.plusSeconds(60 * 60)));
  }
}
