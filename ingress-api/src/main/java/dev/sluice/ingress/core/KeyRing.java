package dev.sluice.ingress.core;

import dev.sluice.contract.model.IssuedKey;
import dev.sluice.contract.model.Policy;
import dev.sluice.contract.model.Policy.ApiKey;
import dev.sluice.contract.model.Policy.Tenant;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/// Every API key that opens something, by its SHA-256: the keys themselves are not kept, and how
/// long a look-up takes says nothing about how much of a guess was right. Immutable.
public final class KeyRing {

  public static final KeyRing EMPTY = new KeyRing(Set.of(), Map.of(), Map.of(), true);

  private final Set<String> tenants;
  private final Map<ByteBuffer, Principal> ofPolicy;
  private final Map<ByteBuffer, Principal> issued;
  private final boolean complete;

  private KeyRing(
      Set<String> tenants,
      Map<ByteBuffer, Principal> ofPolicy,
      Map<ByteBuffer, Principal> issued,
      boolean complete) {
    this.tenants = tenants;
    this.ofPolicy = ofPolicy;
    this.issued = issued;
    this.complete = complete;
  }

  /// The keys of all tenants of a policy.
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
                found.put(
                    IssuedKey.digestOf(secret),
                    new Principal(tenant.id(), key.id(), key.scopes())));
      }
    }
    return new KeyRing(policy.tenants().keySet(), Map.copyOf(found), Map.of(), true);
  }

  /// This ring and the issued keys that are not revoked and whose tenant the policy knows.
  public KeyRing with(Collection<IssuedKey> keys) {
    Map<ByteBuffer, Principal> found = new HashMap<>();
    for (IssuedKey key : keys) {
      if (key.live() && tenants.contains(key.tenant())) {
        found.put(key.digest(), new Principal(key.tenant(), key.id(), key.scopes()));
      }
    }
    return new KeyRing(tenants, ofPolicy, Map.copyOf(found), true);
  }

  /// This ring before the issued keys have been read.
  public KeyRing incomplete() {
    return new KeyRing(tenants, ofPolicy, Map.of(), false);
  }

  /// Whether a key that is not found is no key at all.
  public boolean complete() {
    return complete;
  }

  public Optional<Principal> find(String presented) {
    ByteBuffer digest = IssuedKey.digestOf(presented);
    return Optional.ofNullable(ofPolicy.get(digest))
        .or(() -> Optional.ofNullable(issued.get(digest)));
  }
}
