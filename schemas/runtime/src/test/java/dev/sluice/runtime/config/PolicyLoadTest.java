package dev.sluice.runtime.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.codec.PolicyDocument;
import dev.sluice.contract.model.Policy;
import dev.sluice.contract.model.Policy.FallbackCause;
import dev.sluice.contract.model.Priority;
import dev.sluice.contract.model.Scope;
import dev.sluice.contract.model.TokenKind;
import dev.sluice.contract.price.PriceBook;
import dev.sluice.contract.price.Rating;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PolicyLoadTest {
  private static final String PRICE =
      "pools: [{id: s, provider: simulated}]\n"
          + "prices: [{pool: s, model: m, from: %s, input: %s}]\n";

  @TempDir Path folder;

  @Test
  void readsTheWholePolicy() throws IOException {
    String yaml =
        """
        tenants:
          - id: acme
            keys: [{id: ci, secret: "${env:ACME_CI_KEY}", scopes: [submit, costs]}]
            priorities: {interactive: {share: 10}, batch: {share: 2}}
            on_crash: fail_unknown
            max_attempts: 2
        pools:
          - id: h100
            provider: openai-compatible
            speaks: [chat, models]
            api_key: "${file:/run/key}"
            concurrency: 8
            timeouts: {queue: PT1M, connect: PT1S, first_token: PT2S, idle: PT3S, total: PT4S}
            endpoints: [{url: "http://gpu-1:8000/v1", weight: 3}, {url: "http://gpu-2:8000/v1/"}]
          - id: sim
            provider: simulated
            simulation: {first_token: PT0S, tokens_per_second: 0, output_tokens: 7}
        models:
          - id: fast
            max_output_tokens: 4096
            routes: [{pool: h100, model: llama-3.3-70b, weight: 95}, {pool: sim, model: "*"}]
            policy: weighted
            fallback: [{pool: sim, model: x, when: [too_long, invalid_key]}, {pool: sim, model: y}]
        prices:
          - {pool: h100, model: llama-3.3-70b, from: 2026-01-01, input: 0.15, reasoning: 0.60}
        """;

    Policy policy = LoadedFile.good(folder, yaml, Map.of()).policy();

    assertEquals(
        new Policy.Tenant(
            "acme",
            List.of(
                new Policy.ApiKey("ci", "${env:ACME_CI_KEY}", Set.of(Scope.SUBMIT, Scope.COSTS))),
            Map.of(Priority.INTERACTIVE, 10, Priority.STANDARD, 4, Priority.BATCH, 2),
            Policy.OnCrash.FAIL_UNKNOWN,
            2),
        policy.tenants().get("acme"));
    assertEquals(
        new Policy.Pool(
            "h100",
            Policy.ProviderKind.OPENAI_COMPATIBLE,
            List.of(
                new Policy.Endpoint(URI.create("http://gpu-1:8000/v1"), 3),
                new Policy.Endpoint(URI.create("http://gpu-2:8000/v1"), 1)),
            Optional.of("${file:/run/key}"),
            8,
            new Policy.Timeouts(
                Duration.ofMinutes(1),
                Duration.ofSeconds(1),
                Duration.ofSeconds(2),
                Duration.ofSeconds(3),
                Duration.ofSeconds(4)),
            Set.of("chat", "models"),
            Policy.Simulation.DEFAULT),
        policy.pools().get("h100"));
    assertEquals(
        new Policy.Simulation(Duration.ZERO, 0, 7), policy.pools().get("sim").simulation());
    assertEquals(
        new Policy.Model(
            "fast",
            Optional.of(4096),
            List.of(new Policy.Route("h100", "llama-3.3-70b", 95), new Policy.Route("sim", "*", 1)),
            List.of(
                new Policy.Fallback(
                    "sim", "x", Set.of(FallbackCause.TOO_LONG, FallbackCause.INVALID_KEY)),
                new Policy.Fallback(
                    "sim",
                    "y",
                    Set.of(FallbackCause.THROTTLED, FallbackCause.DOWN, FallbackCause.TIMEOUT)))),
        policy.models().get("fast"));
    assertEquals(
        Map.of(
            TokenKind.INPUT, new BigDecimal("0.15"), TokenKind.REASONING, new BigDecimal("0.60")),
        policy.prices().getFirst().usdPerMillion());
    assertEquals(policy, PolicyDocument.read(PolicyDocument.write(policy), 0));
  }

  @Test
  void readsHowJobsAreRouted() throws IOException {
    String yaml =
        """
        tenants: [{id: acme, residency: eu}]
        pools: [{id: near, provider: simulated, region: eu}]
        models:
          - id: fast
            policy: bandit
            assign_by: user
            routes:
              - pool: near
                model: m
                variant: canary
                when: |
                  tags.tier == 'gold' && estimated_tokens < 4000
                    && hour('Europe/Berlin') < 8
            fallback: [{pool: near, model: n, if: "priority != 'batch'"}]
        """;

    Policy policy = LoadedFile.good(folder, yaml, Map.of()).policy();

    assertEquals(Optional.of("eu"), policy.tenants().get("acme").residency());
    assertEquals(Optional.of("eu"), policy.pools().get("near").region());
    Policy.Model model = policy.models().get("fast");
    assertEquals(Policy.Routing.BANDIT, model.routing());
    assertEquals(Optional.of("user"), model.assignBy());
    assertEquals(
        new Policy.Route(
            "near",
            "m",
            1,
            Optional.of(
                "tags.tier == 'gold' && estimated_tokens < 4000\n  && hour('Europe/Berlin') < 8\n"),
            Optional.of("canary")),
        model.routes().getFirst());
    assertEquals(Optional.of("priority != 'batch'"), model.fallback().getFirst().condition());
    assertEquals(policy, PolicyDocument.read(PolicyDocument.write(policy), 0));
  }

  @Test
  void givesEachPriceAVersionThatOnlyItsMeaningChanges() throws IOException {
    Policy.Price price = price("2026-01-01", "0.15");

    assertTrue(price.version().matches("2026-01-01-[0-9a-f]{8}"), price.version());
    assertEquals(Instant.parse("2026-01-01T00:00:00Z"), price.from());
    assertEquals(price.version(), price("2026-01-01T00:00:00Z", "0.150").version());
    assertNotEquals(price.version(), price("2026-01-01", "0.16").version());
    assertNotEquals(price.version(), price("2026-01-01T00:00:01Z", "0.15").version());
  }

  @Test
  void runsTheDemoOnTheSimulationAtAPrice() {
    Policy demo = BuiltInPolicy.demo();
    Policy.Route route = demo.model("gpt-4o-mini").orElseThrow().routes().getFirst();

    assertEquals(new Policy.Route("simulated", "*", 1), route);
    assertEquals(
        List.of(new Policy.ApiKey("demo", "${sluice:demo-key}", Set.of(Scope.values()))),
        demo.tenants().get("demo").keys());
    assertEquals(
        new BigDecimal("0.750000000000"),
        rated(demo, "simulated") instanceof Rating.Priced priced ? priced.usd() : null);
    assertEquals(demo, PolicyDocument.read(PolicyDocument.write(demo), 0));
  }

  @Test
  void sendsEverythingToTheUpstreamUnpriced() {
    Policy open = BuiltInPolicy.upstream(URI.create("http://127.0.0.1:11434/v1"), false);
    Policy keyed = BuiltInPolicy.upstream(URI.create("http://127.0.0.1:11434/v1"), true);

    assertEquals(Optional.empty(), open.pools().get("upstream").apiKey());
    assertEquals(Optional.of("${sluice:upstream-key}"), keyed.pools().get("upstream").apiKey());
    assertEquals("*", keyed.model("llama3").orElseThrow().routes().getFirst().model());
    assertTrue(rated(keyed, "upstream") instanceof Rating.Unpriced);
  }

  private static Rating rated(Policy policy, String pool) {
    return PriceBook.of(policy)
        .rate(
            pool,
            "gpt-4o-mini",
            Instant.parse("2026-11-21T00:00:00Z"),
            Map.of("input", 1_000_000L, "output", 1_000_000L));
  }

  private Policy.Price price(String from, String input) throws IOException {
    return LoadedFile.good(folder, PRICE.formatted(from, input), Map.of())
        .policy()
        .prices()
        .getFirst();
  }
}
