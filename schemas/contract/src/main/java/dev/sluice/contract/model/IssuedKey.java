package dev.sluice.contract.model;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;

/// An API key that was issued at run time, beside those of the policy. The key itself is known to
/// its holder only; it has 256 random bits, so its plain hash can be neither reversed nor guessed.
///
/// @param id stamped on cost rows; never used twice within a tenant
/// @param digest SHA-256 of the key
/// @param revokedAt since when it opens nothing
public record IssuedKey(
    String tenant,
    String id,
    ByteBuffer digest,
    Set<Scope> scopes,
    Instant createdAt,
    Optional<Instant> revokedAt) {

  public IssuedKey {
    digest = digest.asReadOnlyBuffer();
    scopes = Set.copyOf(scopes);
  }

  /// What is kept of a key.
  public static ByteBuffer digestOf(String secret) {
    try {
      byte[] text = secret.getBytes(StandardCharsets.UTF_8);
      return ByteBuffer.wrap(MessageDigest.getInstance("SHA-256").digest(text));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /// Its name in the whole cluster.
  public String name() {
    return tenant + "/" + id;
  }

  public boolean live() {
    return revokedAt.isEmpty();
  }

  public IssuedKey revoked(Instant at) {
    return new IssuedKey(tenant, id, digest, scopes, createdAt, Optional.of(at));
  }
}
