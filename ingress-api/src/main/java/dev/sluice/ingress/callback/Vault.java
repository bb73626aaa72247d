package dev.sluice.ingress.callback;

import dev.sluice.ingress.core.callback.Receiver.SealedSecret;
import dev.sluice.runtime.config.Secret;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/// Makes signing secrets and keeps them readable only for those who hold the key of this Sluice:
/// AES-256-GCM, bound to tenant and endpoint, so that nobody can move one in the log. See ADR 0013.
/// Safe for use by many threads.
public final class Vault {
  private static final int SECRET_BYTES = 32;
  private static final int NONCE_BYTES = 12;
  private static final int TAG_BITS = 128;
  private static final int KEY_ID_BYTES = 8;
  private static final int HINT_CHARACTERS = 4;

  private final SecretKeySpec sealing;
  private final SecretKeySpec deriving;
  private final String keyId;
  private final SecureRandom random = new SecureRandom();

  private Vault(SecretKeySpec sealing, SecretKeySpec deriving, String keyId) {
    this.sealing = sealing;
    this.deriving = deriving;
    this.keyId = keyId;
  }

  /// @param key of any length; every ingress of a Sluice needs the same one
  public static Vault of(Secret key) {
    byte[] id = digest("id", key);
    return new Vault(
        new SecretKeySpec(digest("seal", key), "AES"),
        new SecretKeySpec(digest("derive", key), "HmacSHA256"),
        HexFormat.of().formatHex(id, 0, KEY_ID_BYTES));
  }

  private static byte[] digest(String use, Secret key) {
    try {
      return MessageDigest.getInstance("SHA-256")
          .digest(
              ("sluice callbacks " + use + "\n" + key.value()).getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /// A new secret.
  public byte[] create() {
    byte[] secret = new byte[SECRET_BYTES];
    random.nextBytes(secret);
    return secret;
  }

  /// As its user is shown it, once.
  public static String shown(byte[] secret) {
    return "whsec_" + Base64.getEncoder().encodeToString(secret);
  }

  public SealedSecret seal(String tenant, String id, byte[] secret, Instant now) {
    byte[] nonce = new byte[NONCE_BYTES];
    random.nextBytes(nonce);
    byte[] hidden = cipher(Cipher.ENCRYPT_MODE, tenant, id, nonce, secret);
    byte[] sealed = ByteBuffer.allocate(NONCE_BYTES + hidden.length).put(nonce).put(hidden).array();
    String text = shown(secret);
    return new SealedSecret(
        sealed, keyId, text.substring(text.length() - HINT_CHARACTERS), now, Optional.empty());
  }

  /// @throws UnreadableSecretException when it was sealed with another key or for another endpoint
  public byte[] open(String tenant, String id, SealedSecret secret) {
    if (!secret.keyId().equals(keyId)) {
      throw new UnreadableSecretException(
          "sealed with key " + secret.keyId() + ", and server.callbacks.secret_key is " + keyId);
    }
    byte[] nonce = Arrays.copyOf(secret.sealed(), NONCE_BYTES);
    byte[] hidden = Arrays.copyOfRange(secret.sealed(), NONCE_BYTES, secret.sealed().length);
    return cipher(Cipher.DECRYPT_MODE, tenant, id, nonce, hidden);
  }

  private byte[] cipher(int mode, String tenant, String id, byte[] nonce, byte[] text) {
    try {
      Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
      cipher.init(mode, sealing, new GCMParameterSpec(TAG_BITS, nonce));
      cipher.updateAAD((tenant + "\n" + id).getBytes(StandardCharsets.UTF_8));
      return cipher.doFinal(text);
    } catch (GeneralSecurityException e) {
      throw new UnreadableSecretException("a signing secret cannot be read");
    }
  }

  /// The secret of a tenant that has made itself none. Nobody has been shown it.
  public byte[] standard(String tenant) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(deriving);
      return mac.doFinal(tenant.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has HmacSHA256", e);
    }
  }
}
