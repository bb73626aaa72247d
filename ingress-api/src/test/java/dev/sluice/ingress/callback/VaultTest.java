package dev.sluice.ingress.callback;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.ingress.core.callback.Receiver.SealedSecret;
import dev.sluice.runtime.config.Secret;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;

class VaultTest {
  private static final Instant NOW = Instant.parse("2026-03-01T10:00:00Z");
  private final Vault vault = Vault.of(Secret.of("one"));

  @Test
  void opensOnlyWithItsKeyForItsEndpoint() {
    byte[] secret = vault.create();
    SealedSecret sealed = vault.seal("acme", "whe_1", secret, NOW);

    assertArrayEquals(secret, vault.open("acme", "whe_1", sealed));
    assertArrayEquals(secret, Vault.of(Secret.of("one")).open("acme", "whe_1", sealed));
    assertThrows(UnreadableSecretException.class, () -> vault.open("other", "whe_1", sealed));
    assertThrows(UnreadableSecretException.class, () -> vault.open("acme", "whe_2", sealed));
    assertThrows(
        UnreadableSecretException.class,
        () -> Vault.of(Secret.of("two")).open("acme", "whe_1", sealed));
  }

  @Test
  void showsNothingOfASecretButItsEnd() {
    byte[] secret = vault.create();
    SealedSecret sealed = vault.seal("acme", "whe_1", secret, NOW);

    assertTrue(Vault.shown(secret).matches("whsec_[A-Za-z0-9+/]{43}="));
    assertTrue(Vault.shown(secret).endsWith(sealed.hint()));
    assertFalse(contains(sealed.sealed(), secret));
    assertFalse(Arrays.equals(sealed.sealed(), vault.seal("acme", "whe_1", secret, NOW).sealed()));
  }

  private static boolean contains(byte[] all, byte[] part) {
    return new String(all, StandardCharsets.ISO_8859_1)
        .contains(new String(part, StandardCharsets.ISO_8859_1));
  }

  @Test
  void givesEachTenantADefaultOfItsOwn() {
    assertArrayEquals(vault.standard("acme"), vault.standard("acme"));
    assertFalse(Arrays.equals(vault.standard("acme"), vault.standard("other")));
  }

  /// The example of the Standard Webhooks reference libraries.
  @Test
  void signsAsTheStandardDoes() {
    byte[] secret = Base64.getDecoder().decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    byte[] body = "{\"test\": 2432232314}".getBytes(StandardCharsets.UTF_8);
    Instant at = Instant.ofEpochSecond(1_614_265_330);

    assertEquals(
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        WebhookSigner.sign(List.of(secret), "msg_p5jXN8AQM9LWM0D4loKWxJek", at, body));
    assertEquals(
        2, WebhookSigner.sign(List.of(secret, vault.create()), "msg", at, body).split(" ").length);
  }
}
