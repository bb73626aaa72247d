package dev.sluice.router.core.limits;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.model.JobId;
import dev.sluice.contract.model.Limit;
import dev.sluice.contract.model.Limit.OnExceeded;
import dev.sluice.contract.model.Policy;
import dev.sluice.contract.price.PriceBook;
import dev.sluice.router.core.limits.Stake.Stage;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// Estimates of prompts follow what answers have shown.
class CorrectionsTest {
  private static final Instant NOW = Instant.parse("2026-11-21T08:00:00Z");
  private static final long ESTIMATED_TOKENS = 100;

  private final Limits limits = limits();

  @Test
  void followAtOnceUpwardsAndSlowlyDownwards() {
    Corrections corrections = new Corrections(0, Map.of());
    assertEquals(100, corrections.correct("m", 100));

    corrections.learn(1, "m", 100, 300);
    assertEquals(300, corrections.correct("m", 100));
    corrections.learn(2, "m", 100, 50);
    assertEquals(296, corrections.correct("m", 100));
    corrections.learn(2, "m", 100, 900);
    assertEquals(296, corrections.correct("m", 100), "what is known teaches nothing");
    for (int i = 3; i < 400; i++) {
      corrections.learn(i, "m", 100, 50);
    }
    assertEquals(101, corrections.correct("m", 100), "never below the estimate");
    assertEquals(100, corrections.correct("other", 100));
  }

  @Test
  void oneAbsurdAnswerShutsNoModel() {
    Corrections corrections = new Corrections(0, Map.of());
    corrections.learn(1, "m", 1, Long.MAX_VALUE);
    assertEquals((long) Corrections.MOST, corrections.correct("m", 1));
    corrections.learn(2, "m", 0, 5);
    corrections.learn(3, "m", 5, 0);
    assertEquals((long) Corrections.MOST, corrections.correct("m", 1));
  }

  @Test
  void areEachTenantsOwn() {
    counts("acme", 1, 700);

    assertEquals(700, reservedBy("acme", limits));
    assertEquals(ESTIMATED_TOKENS, reservedBy("zeta", limits));
  }

  @Test
  void outliveTheRouterAndItsPolicy() {
    counts("acme", 1, 700);
    limits.adopt(policy(), PriceBook.of(policy()), NOW);
    assertEquals(700, reservedBy("acme", limits));

    LimitsLog log = new LimitsLog("acme");
    log.keep(limits, NOW);
    Limits after = log.restored();
    after.adopt(policy(), PriceBook.of(policy()), NOW);
    assertEquals(700, reservedBy("acme", after));
  }

  @Test
  void areLearntFromTheJobsThatTheLogStillKeeps() {
    Limits after = limits();
    after.apply(id(1), "acme", () -> answered("acme", 1, 700));

    assertEquals(700, reservedBy("acme", after));
  }

  private static Limits limits() {
    Limits limits = new Limits();
    limits.adopt(policy(), PriceBook.of(policy()), NOW);
    return limits;
  }

  private void counts(String tenant, long sequence, long inputTokens) {
    Stake ended = answered(tenant, sequence, inputTokens);
    limits.apply(id(sequence), tenant, () -> ended);
    limits.forget(id(sequence), tenant, ended.spent());
  }

  private static long reservedBy(String tenant, Limits limits) {
    Stake job = job(tenant, Stage.ADMITTED, Optional.empty());
    assertTrue(limits.admit(job, NOW) instanceof Verdict.Admitted);
    long before = reserved(tenant, limits);
    limits.apply(id(1_000), tenant, () -> job);
    return reserved(tenant, limits) - before;
  }

  private static long reserved(String tenant, Limits limits) {
    return limits.readings(tenant, NOW).getFirst().reserved();
  }

  private static JobId id(long number) {
    return JobId.create(NOW, 0, 0, number);
  }

  private static Stake answered(String tenant, long sequence, long inputTokens) {
    return job(tenant, Stage.ENDED, Optional.of(new Spent(sequence, inputTokens, 0, 0, NOW, 0)));
  }

  private static Stake job(String tenant, Stage stage, Optional<Spent> spent) {
    Demand demand = new Demand("key", Map.of(), ESTIMATED_TOKENS, 1, 1, false, Optional.empty());
    Optional<Instant> started = stage == Stage.ENDED ? Optional.of(NOW) : Optional.empty();
    Instant deadline = NOW.plus(Duration.ofHours(1));
    return new Stake(tenant, "m", demand, NOW, deadline, stage, started, false, spent);
  }

  private static Policy policy() {
    Limit limit =
        new Limit(
            new Limit.Part.Whole(),
            Limit.Unit.INPUT_TOKENS,
            new Limit.Window.Rolling(Duration.ofHours(1)),
            100_000,
            OnExceeded.REJECT,
            Optional.empty());
    return new Policy(
        1,
        Map.of("acme", tenant("acme", limit), "zeta", tenant("zeta", limit)),
        Map.of(),
        Map.of(),
        List.of());
  }

  private static Policy.Tenant tenant(String id, Limit limit) {
    return new Policy.Tenant(id, List.of(), Map.of(), Policy.OnCrash.RETRY, 4)
        .withLimits(List.of(limit));
  }
}
