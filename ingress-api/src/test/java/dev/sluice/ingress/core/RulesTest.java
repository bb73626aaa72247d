package dev.sluice.ingress.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.model.IssuedKey;
import dev.sluice.contract.model.Policy;
import dev.sluice.contract.model.Priority;
import dev.sluice.contract.model.Scope;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RulesTest {
  private static final Instant NOW = Instant.parse("2026-11-21T09:00:00Z");

  @ParameterizedTest
  @CsvSource({
    "batch, priority, true, BATCH",
    "'', priority, false, INTERACTIVE",
    "'', fast, false, INTERACTIVE",
    "'', scale, false, INTERACTIVE",
    "'', flex, true, BATCH",
    "'', auto, true, INTERACTIVE",
    "'', '', true, INTERACTIVE",
    "'', '', false, STANDARD"
  })
  void choosesTheClass(String named, String tier, boolean attached, Priority expected) {
    assertEquals(expected, PriorityRule.decide(Priority.of(named), tier, attached));
  }

  @ParameterizedTest
  @CsvSource({
    "PT2H, 2026-11-21T11:00:00Z",
    "2026-11-21T10:00:00Z, 2026-11-21T10:00:00Z",
    "2026-11-21T11:00:00+01:00, 2026-11-21T10:00:00Z",
    "P8D, ''",
    "PT0S, ''",
    "PT-1H, ''",
    "PT999999999999999H, ''",
    "2026-11-21T08:00:00Z, ''",
    "+999999999-12-31T00:00:00Z, ''",
    "tomorrow, ''"
  })
  void readsADeadline(String text, String expected) {
    assertEquals(expected, DeadlineRule.named(text, NOW).map(Instant::toString).orElse(""), text);
  }

  @ParameterizedTest
  @CsvSource({"600, 600000", "59.5, 59500", "0, 1000", "-1, 7000", "1e9, 7000", "'', 7000"})
  void readsHowLongACallerWaits(String seconds, long expectedMillis) {
    assertEquals(
        Duration.ofMillis(expectedMillis), DeadlineRule.patience(seconds, Duration.ofSeconds(7)));
  }

  @ParameterizedTest
  @CsvSource({
    "respond-async, true, 0, respond-async",
    "'respond-async, wait=10', true, 10, 'respond-async, wait=10'",
    "wait=30, false, 30, wait=30",
    "WAIT=999, false, 60, wait=60",
    "'wait=-1', false, 0, ''",
    "'foo; bar, return=minimal', false, 0, ''"
  })
  void readsPreferences(String header, boolean async, long seconds, String applied) {
    Preference preference = Preference.parse(header);

    assertEquals(async, preference.respondAsync());
    assertEquals(Duration.ofSeconds(seconds), preference.patience());
    assertEquals(applied, preference.applied());
  }

  @Test
  void findsKeysByDigestAndIgnoresThoseItCannotResolve() {
    Policy.Tenant acme =
        new Policy.Tenant(
            "acme",
            List.of(
                new Policy.ApiKey("ci", "${env:CI}", Set.of(Scope.READ)),
                new Policy.ApiKey("gone", "${env:GONE}", Set.of(Scope.READ))),
            Map.of(),
            Policy.OnCrash.RETRY,
            1);
    Policy policy = new Policy(1, Map.of("acme", acme), Map.of(), Map.of(), List.of());
    Map<String, String> secrets = Map.of("${env:CI}", "sk-ci");

    KeyRing keys = KeyRing.of(policy, reference -> Optional.ofNullable(secrets.get(reference)));

    Principal found = keys.find("sk-ci").orElseThrow();
    assertEquals("acme", found.tenant());
    assertEquals("ci", found.keyId());
    assertTrue(found.may(Scope.READ));
    assertFalse(found.may(Scope.SUBMIT));
    assertTrue(keys.find("sk-c").isEmpty());
    assertTrue(keys.find("${env:GONE}").isEmpty());
  }

  @Test
  void anIssuedKeyOpensWhatItsScopesSayUntilItIsRevoked() {
    KeyRing keys =
        KeyRing.of(tenants("acme"), _ -> Optional.empty())
            .with(List.of(issued("acme", "sk-live"), issued("acme", "sk-dead").revoked(NOW)));

    Principal found = keys.find("sk-live").orElseThrow();
    assertEquals("acme", found.tenant());
    assertEquals("sk-live-id", found.keyId());
    assertTrue(found.may(Scope.READ));
    assertFalse(found.may(Scope.SUBMIT));
    assertTrue(keys.find("sk-dead").isEmpty());
    assertTrue(keys.find("sk-liv").isEmpty());
  }

  @Test
  void anIssuedKeyOfATenantThatThePolicyDoesNotKnowOpensNothing() {
    List<IssuedKey> issued = List.of(issued("gone", "sk-live"));

    assertTrue(
        KeyRing.of(tenants("acme"), _ -> Optional.empty()).with(issued).find("sk-live").isEmpty());
    assertTrue(
        KeyRing.of(tenants("gone"), _ -> Optional.empty())
            .with(issued)
            .find("sk-live")
            .isPresent());
  }

  @Test
  void aRingIsIncompleteUntilTheIssuedKeysAreRead() {
    KeyRing policyOnly = KeyRing.of(tenants("acme"), _ -> Optional.empty()).incomplete();

    assertFalse(policyOnly.complete());
    assertTrue(policyOnly.with(List.of()).complete());
  }

  private static Policy tenants(String id) {
    return new Policy(
        1,
        Map.of(id, new Policy.Tenant(id, List.of(), Map.of(), Policy.OnCrash.RETRY, 1)),
        Map.of(),
        Map.of(),
        List.of());
  }

  private static IssuedKey issued(String tenant, String secret) {
    return new IssuedKey(
        tenant,
        secret + "-id",
        IssuedKey.digestOf(secret),
        Set.of(Scope.READ),
        NOW,
        Optional.empty());
  }

  @Test
  void namesFieldsAsTheVendorsDo() {
    assertEquals("messages[0].role", Refusal.field("/messages/0/role", "x").param());
    assertEquals("", Refusal.field("", "x").param());
  }

  @Test
  void findsTheFieldThatAMessageBeginsWith() {
    assertEquals("/tools/0/type", Refusal.pointerIn("tools[0].type: must be function"));
    assertEquals("/n", Refusal.pointerIn("n: must be 1"));
    assertEquals("", Refusal.pointerIn("the provider said no: 400"));
    assertEquals("", Refusal.pointerIn("refused"));
  }
}
