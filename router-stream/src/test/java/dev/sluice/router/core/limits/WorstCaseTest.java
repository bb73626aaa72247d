package dev.sluice.router.core.limits;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.sluice.contract.model.Limit;
import dev.sluice.contract.model.Limit.OnExceeded;
import dev.sluice.contract.model.Policy;
import dev.sluice.contract.model.TokenKind;
import dev.sluice.contract.price.PriceBook;
import dev.sluice.router.core.limits.Stake.Stage;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What a job may use at worst may be more than can be counted.
class WorstCaseTest {
  private static final Instant NOW = Instant.parse("2026-11-21T08:00:00Z");

  @ParameterizedTest
  @EnumSource(OnExceeded.class)
  void whatCannotBeCountedFitsIntoNoBudget(OnExceeded onExceeded) {
    Limits limits = new Limits();
    limits.adopt(policy(onExceeded), PriceBook.of(policy(onExceeded)), NOW);
    Demand demand =
        new Demand(
            "key", Map.of(), 1, TokenKind.MAX_TOKENS, 1_000, false, Optional.of("another model"));
    Stake job =
        new Stake(
            "acme",
            "m",
            demand,
            NOW,
            NOW.plus(Duration.ofHours(1)),
            Stage.ADMITTED,
            Optional.empty(),
            false,
            Optional.empty());

    Block block = assertInstanceOf(Verdict.Refused.class, limits.admit(job, NOW)).block();

    assertEquals(Long.MAX_VALUE, block.wanted());
  }

  private static Policy policy(OnExceeded onExceeded) {
    Limit budget =
        new Limit(
            new Limit.Part.Whole(),
            Limit.Unit.USD,
            new Limit.Window.Calendar(Limit.Period.MONTH, ZoneOffset.UTC),
            Limit.picoUsd(BigDecimal.TEN),
            onExceeded,
            onExceeded == OnExceeded.DOWNGRADE ? Optional.of("m") : Optional.empty());
    Policy.Price price =
        new Policy.Price(
            "v1",
            "p",
            "x",
            Instant.EPOCH,
            Map.of(TokenKind.INPUT, BigDecimal.ONE, TokenKind.OUTPUT, BigDecimal.TEN));
    Policy.Model model =
        new Policy.Model("m", Optional.empty(), List.of(new Policy.Route("p", "x", 1)), List.of());
    Policy.Tenant tenant =
        new Policy.Tenant("acme", List.of(), Map.of(), Policy.OnCrash.RETRY, 4)
            .withLimits(List.of(budget));
    return new Policy(1, Map.of("acme", tenant), Map.of(), Map.of("m", model), List.of(price));
  }
}
