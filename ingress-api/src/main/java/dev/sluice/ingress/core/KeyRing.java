package dev.sluice.ingress.core;

import dev.sluice.contract.model.Policy;
import dev.sluice.contract.model.Policy.ApiKey;
import dev.sluice.contract.model.Policy.Tenant;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/// Every API key of a policy, by its SHA-256: the keys themselves are not kept, and how long a
/// look-up takes says nothing about how much of a guess was right. Immutable.
public final class KeyRing {

  public static final KeyRing EMPTY = new KeyRing(Map.of());

  private final Map<ByteBuffer, Principal> byDigest;

  private KeyRing(Map<ByteBuffer, Principal> byDigest) {
    this.byDigest = byDigest;
  }

  /// The keys of all tenants.
  ///
  /// @param secretOf resolves a reference; empty for a key that this process cannot resolve, which
  ///   then opens nothing
  public static KeyRing of(Policy policy, Function<String, Optional<String>> secretOf) {
    Map<ByteBuffer, Principal> found = new HashMap<>();
    for (Tenant tenant : policy.tenants().values()) {
      for (ApiKey key : tenant.keys()) {
        secretOf
            .apply(key.secret())
            .ifPresent(secret ->
                found.put(digest(secret), new Principal(tenant.id(), key.id(), key.scopes())));
      }
    }
    return new KeyRing(Map.copyOf(found));
  }

  public Optional<Principal> find(String presented) {
    return Optional.ofNullable(byDigest.get(digest(presented)));
  }

  private static ByteBuffer digest(String secret) {
    try {
      byte[] text = secret.getBytes(StandardCharsets.UTF_8);
      return ByteBuffer.wrap(MessageDigest.getInstance("SHA-256").digest(text));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
