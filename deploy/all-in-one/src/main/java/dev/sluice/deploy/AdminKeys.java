package dev.sluice.deploy;

import dev.sluice.contract.model.Policy;
import dev.sluice.contract.model.Scope;
import dev.sluice.runtime.config.MissingSecretException;
import dev.sluice.runtime.config.SecretSource;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.function.Predicate;
import java.util.function.Supplier;

/// Whether a key opens the admin port: one with the scope `admin` in the policy in force.
record AdminKeys(Supplier<Policy> policy, SecretSource secrets) implements Predicate<String> {

  @Override
  public boolean test(String presented) {
    boolean found = false;
    for (Policy.Tenant tenant : policy.get().tenants().values()) {
      for (Policy.ApiKey key : tenant.keys()) {
        // No early end: how long it takes tells nothing about the keys.
        found |= key.scopes().contains(Scope.ADMIN) && matches(key, presented);
      }
    }
    return found;
  }

  private boolean matches(Policy.ApiKey key, String presented) {
    try {
      return MessageDigest.isEqual(
          secrets.resolve(key.secret()).value().getBytes(StandardCharsets.UTF_8),
          presented.getBytes(StandardCharsets.UTF_8));
    } catch (MissingSecretException e) {
      return false;
    }
  }
}
