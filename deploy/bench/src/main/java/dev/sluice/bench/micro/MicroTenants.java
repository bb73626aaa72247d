package dev.sluice.bench.micro;

import dev.sluice.contract.model.Limit;
import dev.sluice.contract.model.Limit.OnExceeded;
import dev.sluice.contract.model.Limit.Unit;
import dev.sluice.contract.model.Limit.Window;
import dev.sluice.contract.model.Policy;
import dev.sluice.contract.model.TokenKind;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Policies of many tenants on one pool.
final class MicroTenants {
  /// Rate, tokens, concurrency and dollars, so wide that they count every job and hold none.
  private static final List<Limit> LIMITS =
      List.of(
          limit(Unit.REQUESTS, new Window.Rolling(Duration.ofMinutes(1)), OnExceeded.HOLD, "1e9"),
          limit(Unit.TOKENS, new Window.Rolling(Duration.ofMinutes(1)), OnExceeded.HOLD, "1e12"),
          limit(Unit.IN_FLIGHT, new Window.Now(), OnExceeded.HOLD, "1e6"),
          limit(
              Unit.USD,
              new Window.Calendar(Limit.Period.MONTH, ZoneOffset.UTC),
              OnExceeded.REJECT,
              "9e6"));

  private MicroTenants() {}

  private static Limit limit(Unit unit, Window window, OnExceeded onExceeded, String amount) {
    return new Limit(
        new Limit.Part.Whole(),
        unit,
        window,
        unit.amount(new BigDecimal(amount)),
        onExceeded,
        Optional.empty());
  }

  static String name(int number) {
    return "tenant-" + number;
  }

  /// @param limited whether each tenant has all kinds of limits, or none
  static Policy policy(int tenants, boolean limited) {
    Map<String, Policy.Tenant> byId = new HashMap<>();
    for (int i = 0; i < tenants; i++) {
      byId.put(name(i), tenant(name(i), limited ? LIMITS : List.of()));
    }
    return new Policy(
        1,
        byId,
        MicroJobs.POLICY.pools(),
        MicroJobs.POLICY.models(),
        List.of(
            new Policy.Price(
                "v1",
                MicroJobs.PLACE.pool(),
                MicroJobs.PLACE.model(),
                MicroJobs.NOW.minus(Duration.ofDays(1)),
                Map.of(
                    TokenKind.INPUT, new BigDecimal("0.15"),
                    TokenKind.OUTPUT, new BigDecimal("0.60")))));
  }

  private static Policy.Tenant tenant(String id, List<Limit> limits) {
    return new Policy.Tenant(id, List.of(), Map.of(), Policy.OnCrash.RETRY, 4).withLimits(limits);
  }
}
