package dev.sluice.router.core.limits;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.contract.model.JobId;
import dev.sluice.contract.model.Limit;
import dev.sluice.contract.model.Limit.OnExceeded;
import dev.sluice.contract.model.Limit.Part;
import dev.sluice.contract.model.Limit.Period;
import dev.sluice.contract.model.Limit.Unit;
import dev.sluice.contract.model.Limit.Window;
import dev.sluice.contract.model.Policy;
import dev.sluice.contract.price.PriceBook;
import dev.sluice.router.core.limits.Stake.Stage;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// What a value of a tag has used stays, whatever its limit becomes: one that each value has, one
/// of its own, none.
class ValueMovesTest {
  private static final Instant NOW = Instant.parse("2026-11-29T08:00:00Z");
  private static final String BOB = "tag:user=bob|requests/forever@Z";
  private static final Limit EACH = limit(Optional.empty(), 200);
  private static final Limit BOBS_OWN = limit(Optional.of("bob"), 500);

  private LimitsLog log = new LimitsLog("acme");
  private Limits limits = new Limits();
  private long jobs;

  @Test
  void useGoesAlongToAnOwnLimitAndBack() {
    adopt(EACH);
    use(10);
    adopt(EACH, BOBS_OWN);
    assertEquals(10, used());
    use(300);
    adopt(EACH);
    assertEquals(310, used());
    use(1);
    assertEquals(311, used());
  }

  @Test
  void useGoesAlongWhereTheRouterDiesAfterEachStep() {
    adopt(EACH);
    use(10);
    restart(EACH);
    restart(EACH, BOBS_OWN);
    assertEquals(10, used());
    restart(EACH, BOBS_OWN);
    assertEquals(10, used());
    use(300);
    restart(EACH);
    assertEquals(310, used());
    restart(EACH);
    use(1);
    restart(EACH);
    assertEquals(311, used());
  }

  @Test
  void theLogIsRidOfARecordOnlyOnceTheTenantsHasIt() {
    adopt(EACH);
    use(10);
    adopt(EACH, BOBS_OWN);
    log.sweep(limits, 100, NOW);

    assertEquals(0, log.values());
    restart(EACH, BOBS_OWN);
    assertEquals(10, used());
  }

  @Test
  void whatAnEarlierVersionHadTogetherGoesOn() {
    Map<String, Map<Long, Long>> uses = Map.of(BOB, Map.of(0L, 42L));
    log = LimitsLog.of(new Image("acme", 7, uses, Map.of(), 0, Map.of()));
    restart(EACH);
    assertEquals(42, used());
    restart(EACH);
    assertEquals(42, used());
    use(1);
    assertEquals(1, log.values());
    restart(EACH);
    assertEquals(43, used());
  }

  @Test
  void aLimitThatIsRemovedBeginsAnew() {
    adopt(EACH);
    use(10);
    adopt(limit(new Part.Whole(), 1_000));
    log.sweep(limits, 100, NOW);
    assertEquals(0, log.values());
    adopt(EACH);
    assertEquals(Optional.empty(), reading());
  }

  @Test
  void aTenantWithoutLimitsKeepsNothingOfValues() {
    adopt(EACH);
    use(10);
    adopt();
    log.sweep(limits, 100, NOW);
    assertEquals(0, log.values());
  }

  private void adopt(Limit... all) {
    Policy.Tenant acme =
        new Policy.Tenant("acme", List.of(), Map.of(), Policy.OnCrash.RETRY, 4)
            .withLimits(List.of(all));
    Policy policy = new Policy(1, Map.of("acme", acme), Map.of(), Map.of(), List.of());
    limits.adopt(policy, PriceBook.of(policy), NOW);
  }

  /// Another router takes over, by what the log has.
  private void restart(Limit... all) {
    limits = log.restored();
    adopt(all);
  }

  /// So many answers are delivered, counted and forgotten.
  private void use(int times) {
    for (int i = 0; i < times; i++) {
      JobId id = JobId.create(NOW, 0, 0, ++jobs);
      Optional<Spent> spent = Optional.of(new Spent(limits.nextSequence(), 1, 1, 1, NOW));
      Demand demand = new Demand("k", Map.of("user", "bob"), 1, 1, 1, false, Optional.empty());
      Stake ended =
          new Stake(
              "acme",
              "m",
              demand,
              NOW,
              NOW.plus(Duration.ofHours(1)),
              Stage.ENDED,
              Optional.of(NOW),
              false,
              spent);
      limits.apply(id, "acme", () -> ended);
      limits.forget(id, "acme", spent);
    }
    log.keep(limits, NOW);
  }

  private long used() {
    return reading().orElseThrow().used();
  }

  private Optional<Reading> reading() {
    return LimitsLog.readings(limits, "acme", List.of(BOB), NOW).stream()
        .filter(reading -> reading.key().equals(BOB))
        .findFirst();
  }

  private static Limit limit(Optional<String> value, long amount) {
    return limit(new Part.Tag("user", value), amount);
  }

  private static Limit limit(Part part, long amount) {
    return new Limit(
        part,
        Unit.REQUESTS,
        new Window.Calendar(Period.FOREVER, ZoneOffset.UTC),
        amount,
        OnExceeded.HOLD,
        Optional.empty());
  }
}
