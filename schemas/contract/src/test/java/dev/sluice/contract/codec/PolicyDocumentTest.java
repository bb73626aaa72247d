package dev.sluice.contract.codec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.model.Limit;
import dev.sluice.contract.model.Policy;
import dev.sluice.contract.model.Priority;
import dev.sluice.contract.model.Scope;
import dev.sluice.contract.model.TokenKind;
import java.math.BigDecimal;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PolicyDocumentTest {
  private static final Optional<Policy.Gpu> H100 =
      Optional.of(new Policy.Gpu("H100", 8, Optional.of(new BigDecimal("2.50"))));

  @Test
  void readsBackWhatItWrote() {
    assertEquals(policy(7), PolicyDocument.read(PolicyDocument.write(policy(7)), 7));
  }

  @Test
  void readsBackTheEmptyPolicy() {
    assertEquals(Policy.EMPTY, PolicyDocument.read(PolicyDocument.write(Policy.EMPTY), 0));
  }

  @Test
  void writesTheSameBytesWhateverTheOrderOfMapsAndTheVersion() {
    Policy policy = policy(1);
    var models = new LinkedHashMap<String, Policy.Model>();
    policy.models().keySet().stream()
        .sorted(java.util.Comparator.reverseOrder())
        .forEach(id -> models.put(id, policy.models().get(id)));

    var other = new Policy(9, policy.tenants(), policy.pools(), models, policy.prices().reversed());

    assertArrayEquals(PolicyDocument.write(policy), PolicyDocument.write(other));
  }

  @Test
  void keepsEveryDigitOfAnAmount() {
    String document = new String(PolicyDocument.write(policy(1)), StandardCharsets.UTF_8);

    assertTrue(document.contains("\"cached_input\":\"0.075000\""), document);
  }

  @Test
  void carriesReferencesAndNamesOfTheConfigurationFile() {
    String document = new String(PolicyDocument.write(policy(1)), StandardCharsets.UTF_8);

    assertTrue(document.contains("\"secret\":\"${env:ACME_KEY}\""), document);
    assertTrue(document.contains("\"provider\":\"openai-compatible\""), document);
    assertTrue(document.contains("\"first_token\":\"PT1M\""), document);
  }

  @Test
  void readsBackHowJobsAreRouted() {
    Policy routed = routed(H100);

    assertEquals(routed, PolicyDocument.read(PolicyDocument.write(routed), 1));
  }

  @Test
  void saysToOlderReadersOnlyWhereItMustThatTheyWouldMissABound() {
    assertTrue(text(policy(1)).startsWith("{\"format\":1,"));
    assertTrue(text(routed(Optional.empty())).startsWith("{\"format\":2,"));
    assertTrue(text(routed(H100)).startsWith("{\"format\":3,"));
    assertTrue(text(inShards(List.of())).startsWith("{\"format\":4,"));
    assertTrue(text(inShards(List.of(alerting()))).startsWith("{\"format\":5,"));
  }

  @Test
  void readsBackInHowManyShardsATenantIs() {
    Policy policy = inShards(List.of(alerting()));
    assertEquals(policy, PolicyDocument.read(PolicyDocument.write(policy), 1));
  }

  private static Limit alerting() {
    return new Limit(
        new Limit.Part.Whole(),
        Limit.Unit.USD,
        new Limit.Window.Calendar(Limit.Period.MONTH, ZoneOffset.UTC),
        Limit.picoUsd(BigDecimal.TEN),
        Limit.OnExceeded.HOLD,
        Optional.empty(),
        List.of(new BigDecimal("0.5")));
  }

  private static Policy inShards(List<Limit> limits) {
    var tenant =
        new Policy.Tenant("acme", List.of(), Map.of(), Policy.OnCrash.RETRY, 4)
            .withLimits(limits)
            .withShards(8);
    return new Policy(1, Map.of("acme", tenant), Map.of(), Map.of(), List.of());
  }

  private static String text(Policy policy) {
    return new String(PolicyDocument.write(policy), StandardCharsets.UTF_8);
  }

  private static Policy routed(Optional<Policy.Gpu> gpu) {
    var tenant =
        new Policy.Tenant(
            "acme",
            List.of(),
            Map.of(),
            Policy.OnCrash.RETRY,
            4,
            Policy.OwnTopics.NONE,
            List.of(),
            Optional.of("eu"),
            Policy.AnswerCache.DEFAULT,
            1);
    var pool =
        new Policy.Pool(
            "gpu",
            Policy.ProviderKind.SIMULATED,
            List.of(),
            Optional.empty(),
            8,
            Policy.Timeouts.DEFAULT,
            Set.of("chat"),
            Policy.Simulation.DEFAULT,
            Optional.of("eu"),
            gpu,
            Policy.Affinity.NONE);
    var model =
        new Policy.Model(
            "fast",
            Optional.empty(),
            List.of(
                new Policy.Route(
                    "gpu", "llama", 3, Optional.of("tags.tier == 'gold'"), Optional.of("canary"))),
            List.of(
                new Policy.Fallback(
                    "gpu", "small", Set.of(Policy.FallbackCause.DOWN), Optional.of("!stream"))),
            Policy.Routing.CHEAPEST,
            Optional.of("user"),
            List.of(new Policy.Shadow("gpu", "next", 10, Optional.of("!stream"))));
    return new Policy(
        1, Map.of("acme", tenant), Map.of("gpu", pool), Map.of("fast", model), List.of());
  }

  @Test
  void distinguishesDocumentsByDigest() {
    byte[] one = PolicyDocument.write(policy(1));

    assertEquals(PolicyDocument.digest(one), PolicyDocument.digest(one.clone()));
    assertNotEquals(
        PolicyDocument.digest(one), PolicyDocument.digest(PolicyDocument.write(Policy.EMPTY)));
    assertTrue(PolicyDocument.digest(one).matches("sha256:[0-9a-f]{16}"));
  }

  @Test
  void refusesALaterFormatRatherThanMissALimit() {
    byte[] later =
        "{\"format\":6,\"tenants\":[],\"pools\":[],\"models\":[],\"prices\":[]}"
            .getBytes(StandardCharsets.UTF_8);

    var refused = assertThrows(IllegalArgumentException.class, () -> PolicyDocument.read(later, 1));

    assertEquals("policy document of format 6; this version reads up to 5", refused.getMessage());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{}",
        "[]",
        "null",
        "not json",
        "{\"format\":\"1\"}",
        "{\"format\":1}",
        "{\"format\":1,\"tenants\":[{\"id\":\"a\"}],\"pools\":[],\"models\":[],\"prices\":[]}",
        "{\"format\":1,\"tenants\":[],\"pools\":[{\"id\":3}],\"models\":[],\"prices\":[]}",
        "{\"format\":1,\"tenants\":[],\"pools\":[],\"models\":[],\"prices\":[{\"version\":\"v\","
            + "\"pool\":\"p\",\"model\":\"m\",\"from\":\"yesterday\",\"usd_per_million\":{}}]}",
        "{\"format\":1,\"tenants\":[],\"pools\":[],\"models\":[],\"prices\":[{\"version\":\"v\","
            + "\"pool\":\"p\",\"model\":\"m\",\"from\":\"2026-01-01T00:00:00Z\","
            + "\"usd_per_million\":{\"input\":\"cheap\"}}]}"
      })
  void refusesWhatIsNoPolicy(String text) {
    byte[] document = text.getBytes(StandardCharsets.UTF_8);

    assertThrows(IllegalArgumentException.class, () -> PolicyDocument.read(document, 1));
  }

  private static Policy policy(long version) {
    var tenant =
        new Policy.Tenant(
            "acme",
            List.of(
                new Policy.ApiKey("ci", "${env:ACME_KEY}", Set.of(Scope.SUBMIT, Scope.READ)),
                new Policy.ApiKey("ops", "${file:/run/ops}", Set.of(Scope.values()))),
            Map.of(Priority.INTERACTIVE, 8, Priority.STANDARD, 4, Priority.BATCH, 1),
            Policy.OnCrash.FAIL_UNKNOWN,
            3);
    var gpu =
        new Policy.Pool(
            "gpu",
            Policy.ProviderKind.OPENAI_COMPATIBLE,
            List.of(
                new Policy.Endpoint(URI.create("http://gpu-2:8000/v1"), 3),
                new Policy.Endpoint(URI.create("http://gpu-1:8000/v1"), 1)),
            Optional.of("${env:GPU_KEY}"),
            16,
            Policy.Timeouts.DEFAULT,
            Set.of("chat", "models"),
            Policy.Simulation.DEFAULT);
    var simulated =
        new Policy.Pool(
            "simulated",
            Policy.ProviderKind.SIMULATED,
            List.of(),
            Optional.empty(),
            1,
            Policy.Timeouts.DEFAULT,
            Set.of("chat"),
            new Policy.Simulation(Duration.ZERO, 0, 1));
    var fast =
        new Policy.Model(
            "fast",
            Optional.of(4096),
            List.of(new Policy.Route("gpu", "llama", 95), new Policy.Route("simulated", "*", 5)),
            List.of(
                new Policy.Fallback(
                    "simulated",
                    "*",
                    Set.of(Policy.FallbackCause.TOO_LONG, Policy.FallbackCause.DOWN))));
    var any =
        new Policy.Model(
            "*", Optional.empty(), List.of(new Policy.Route("simulated", "*", 1)), List.of());
    return new Policy(
        version,
        Map.of("acme", tenant),
        Map.of("gpu", gpu, "simulated", simulated),
        Map.of("fast", fast, "*", any),
        List.of(price("2026-01-01", "0.075000"), price("2026-06-01", "0.05")));
  }

  private static Policy.Price price(String day, String cached) {
    return new Policy.Price(
        day + "-0a1b2c3d",
        "gpu",
        "llama",
        Instant.parse(day + "T00:00:00Z"),
        Map.of(
            TokenKind.INPUT, new BigDecimal("0.15"),
            TokenKind.CACHED_INPUT, new BigDecimal(cached)));
  }
}
