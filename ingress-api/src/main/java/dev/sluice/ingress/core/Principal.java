package dev.sluice.ingress.core;

import dev.sluice.contract.model.Scope;
import java.util.Set;

/// Who asks: the tenant and the key by which it was known.
///
/// @param keyId id of the key, never the key
public record Principal(String tenant, String keyId, Set<Scope> scopes) {
  public Principal {
    scopes = Set.copyOf(scopes);
  }

  public boolean may(Scope scope) {
    return scopes.contains(scope);
  }
}
