package dev.sluice.runtime.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.contract.model.Limit;
import dev.sluice.contract.model.Policy;
import dev.sluice.contract.model.TokenKind;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PolicyChangeTest {
  private static Policy policy(int weight, int slots, List<Limit> limits, String... models) {
    var pool =
        new Policy.Pool(
            "p",
            Policy.ProviderKind.SIMULATED,
            List.of(),
            Optional.empty(),
            slots,
            Policy.Timeouts.DEFAULT,
            Set.of("chat"),
            Policy.Simulation.DEFAULT);
    var plans = new java.util.HashMap<String, Policy.Model>();
    for (String model : models) {
      plans.put(
          model,
          new Policy.Model(
              model, Optional.empty(), List.of(new Policy.Route("p", "x", weight)), List.of()));
    }
    var acme =
        new Policy.Tenant("acme", List.of(), Map.of(), Policy.OnCrash.RETRY, 4).withLimits(limits);
    return new Policy(
        7,
        Map.of("acme", acme),
        Map.of("p", pool),
        plans,
        List.of(
            new Policy.Price(
                "v",
                "p",
                "x",
                Instant.parse("2026-01-01T00:00:00Z"),
                Map.of(TokenKind.INPUT, new BigDecimal(weight)))));
  }

  private static List<String> lines(Policy before, Policy after) {
    return PolicyChange.between(before, after).stream().map(PolicyChange::toString).toList();
  }

  @Test
  void saysNothingOfWhatStays() {
    assertEquals(
        List.of(), lines(policy(1, 8, List.of(), "a", "b"), policy(1, 8, List.of(), "b", "a")));
  }

  @Test
  void namesWhatChangesByItsId() {
    assertEquals(
        List.of(
            "~ pools[p].concurrency: 8 -> 16",
            "~ models[fast].routes[0].weight: 1 -> 3",
            "~ prices[p x 2026-01-01T00:00:00Z].usd_per_million.input: \"1\" -> \"3\""),
        lines(policy(1, 8, List.of(), "fast"), policy(3, 16, List.of(), "fast")));
  }

  @Test
  void showsWhatComesAndWhatGoes() {
    var limit =
        new Limit(
            new Limit.Part.Whole(),
            Limit.Unit.REQUESTS,
            new Limit.Window.Rolling(Duration.ofMinutes(1)),
            60,
            Limit.OnExceeded.HOLD,
            Optional.empty());
    String limits =
        "[{\"unit\":\"requests\",\"rolling\":\"PT1M\",\"amount\":\"60\","
            + "\"on_exceeded\":\"hold\"}]";
    String old =
        "{\"id\":\"old\",\"routes\":[{\"pool\":\"p\",\"model\":\"x\",\"weight\":1}],"
            + "\"fallback\":[]}";

    List<String> lines = lines(policy(1, 8, List.of(), "old"), policy(1, 8, List.of(limit)));

    assertEquals(List.of("+ tenants[acme].limits: " + limits, "- models[old]: " + old), lines);
  }
}
