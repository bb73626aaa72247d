package dev.sluice.runtime.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.contract.codec.PolicyDocument;
import dev.sluice.contract.model.Limit;
import dev.sluice.contract.model.Limit.OnExceeded;
import dev.sluice.contract.model.Limit.Part;
import dev.sluice.contract.model.Limit.Period;
import dev.sluice.contract.model.Limit.Unit;
import dev.sluice.contract.model.Limit.Window;
import dev.sluice.contract.model.Policy;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LimitLoadTest {
  private static final String MODELS =
      """
      pools: [{id: s, provider: simulated}]
      models: [{id: cheap, routes: [{pool: s, model: m}]}]
      """;

  private static final String LIMITED =
      """
      tenants:
        - id: acme
          keys: [{id: ci, secret: "${env:CI}", quotas: {output_tokens_per_day: 5000000000}}]
          quotas: {requests_per_minute: 600, gpu_seconds_per_hour: 90, max_in_flight: 64}
          budgets:
            - {usd: 100.5, period: month, zone: Europe/Berlin, alerts: [1.0, 0.5]}
            - {tokens: 7, rolling: P7D, on_exceeded: hold}
            - {gpu_seconds: 3600, period: day}
          teams:
            - id: search
              keys: [ci]
              budgets: [{usd: 20, period: day, on_exceeded: downgrade, downgrade_to: cheap}]
          tags:
            - {tag: user, budgets: [{requests: 3, period: day}]}
            - {tag: project, value: x, quotas: {max_in_flight: 1, on_exceeded: reject}}
      """
          + MODELS;

  @TempDir Path folder;

  @Test
  void readsEveryKindOfLimitAndTheDocumentKeepsThem() throws IOException {
    Policy policy = LoadedFile.good(folder, LIMITED, Map.of("CI", "sk-1")).policy();

    Part whole = new Part.Whole();
    Part team = new Part.Team("search", Set.of("ci"));
    Window minute = new Window.Rolling(Duration.ofMinutes(1));
    Window day = new Window.Calendar(Period.DAY, ZoneId.of("UTC"));
    Window month = new Window.Calendar(Period.MONTH, ZoneId.of("Europe/Berlin"));
    List<Limit> limits = policy.tenant("acme").orElseThrow().limits();
    assertEquals(
        List.of(
            limit(whole, Unit.REQUESTS, minute, 600, OnExceeded.HOLD),
            limit(
                whole,
                Unit.GPU_SECONDS,
                new Window.Rolling(Duration.ofHours(1)),
                90_000_000,
                OnExceeded.HOLD),
            limit(whole, Unit.IN_FLIGHT, new Window.Now(), 64, OnExceeded.HOLD),
            new Limit(
                whole,
                Unit.USD,
                month,
                100_500_000_000_000L,
                OnExceeded.REJECT,
                Optional.empty(),
                List.of(new BigDecimal("0.5"), BigDecimal.ONE)),
            limit(whole, Unit.TOKENS, new Window.Rolling(Duration.ofDays(7)), 7, OnExceeded.HOLD),
            limit(whole, Unit.GPU_SECONDS, day, 3_600_000_000L, OnExceeded.REJECT),
            new Limit(
                team,
                Unit.USD,
                day,
                20_000_000_000_000L,
                OnExceeded.DOWNGRADE,
                Optional.of("cheap")),
            limit(
                new Part.Key("ci"),
                Unit.OUTPUT_TOKENS,
                new Window.Rolling(Duration.ofDays(1)),
                5_000_000_000L,
                OnExceeded.HOLD),
            limit(new Part.Tag("user", Optional.empty()), Unit.REQUESTS, day, 3, OnExceeded.REJECT),
            limit(
                new Part.Tag("project", Optional.of("x")),
                Unit.IN_FLIGHT,
                new Window.Now(),
                1,
                OnExceeded.REJECT)),
        limits);
    assertEquals("team:search|usd/day@UTC", limits.get(6).key());
    assertEquals(
        limits,
        PolicyDocument.read(PolicyDocument.write(policy), 1).tenants().get("acme").limits());
  }

  private static Limit limit(
      Part part, Unit unit, Window window, long amount, OnExceeded onExceeded) {
    return new Limit(part, unit, window, amount, onExceeded, Optional.empty());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          budgets: [{period: day}] | budgets[0]: does not say what it bounds; add one of usd, tokens, requests, gpu_seconds
          budgets: [{usd: 1}] | budgets[0]: does not say over which time; add one of period, rolling
          budgets: [{usd: 1, tokens: 2, period: day}] | budgets[0].tokens: is one bound too many; keep one of usd, tokens, requests, gpu_seconds and write another budget for the other
          budgets: [{usd: 0, period: day}] | budgets[0].usd: must be above 0 and at most 9000000 USD
          budgets: [{usd: 9000001, period: day}] | budgets[0].usd: must be above 0 and at most 9000000 USD
          budgets: [{usd: 1, period: day, zone: Europe/Berlim}] | budgets[0].zone: there is no time zone "Europe/Berlim"; did you mean "Europe/Berlin"?
          budgets: [{usd: 1, period: day}, {usd: 2, period: day}] | budgets[1].usd: a limit over the same time is already in line 1; keep the smaller
          quotas: {requests_per_minute: 9}, budgets: [{requests: 8, rolling: PT1M}] | budgets[0].requests: a limit over the same time is already in line 1; keep the smaller
          tags: [{tag: a=b, quotas: {max_in_flight: 9}}] | tags[0].tag: expected 1 to 256 visible ASCII characters without =, found "a=b"
          tags: [{tag: user, quotas: {max_in_flight: 9}}, {tag: user, quotas: {max_in_flight: 8}}] | tags[1].quotas.max_in_flight: a limit over the same time is already in line 1; keep the smaller
          budgets: [{usd: 1, rolling: P1D, alerts: [1]}] | budgets[0].alerts: needs a period, in which each is told once
          budgets: [{usd: 1, period: day, alerts: [0]}] | budgets[0].alerts[0]: must be above 0 and at most 1
          quotas: {max_in_flight: 1, on_exceeded: downgrade} | quotas.on_exceeded: needs downgrade_to, the model to run on instead
          quotas: {max_in_flight: 1, downgrade_to: cheap} | quotas.downgrade_to: is only for "on_exceeded: downgrade"; remove it, or write that
          quotas: {max_in_flight: 1, on_exceeded: downgrade, downgrade_to: chaep} | quotas.downgrade_to: there is no model "chaep"; did you mean "cheap"?
          quotas: {requests_per_minut: 1} | quotas.requests_per_minut: unknown key; did you mean "requests_per_minute"?
          shards: 257 | shards: expected a whole number from 1 to 256, found 257
          shards: 8, quotas: {max_in_flight: 7} | quotas.max_in_flight: is too small to be divided among the tenant's 8 shards; raise it, or lower shards
          shards: 8, tags: [{tag: user, quotas: {requests_per_minute: 3}}] | tags[0].quotas.requests_per_minute: is too small to be divided among the tenant's 8 shards; raise it, or lower shards
          shards: 2, budgets: [{requests: 1, period: day}] | budgets[0].requests: is too small to be divided among the tenant's 2 shards; raise it, or lower shards
          teams: [{id: t, keys: [c]}] | teams[0].keys[0]: the tenant has no key "c"; there are no keys
          """)
  void saysWhatIsWrongWithALimit(String written, String problem) throws IOException {
    String yaml = "tenants: [{id: a, " + written + "}]\n" + MODELS;

    List<String> problems = LoadedFile.problems(folder, yaml);

    assertEquals(1, problems.size(), problems::toString);
    assertEquals("tenants[0]." + problem, problems.getFirst().replaceFirst("^[0-9]+:[0-9]+: ", ""));
  }
}
