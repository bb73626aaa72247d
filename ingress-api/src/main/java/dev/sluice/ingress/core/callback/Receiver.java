package dev.sluice.ingress.core.callback;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// A receiver that a tenant has registered, or a mere secret for callback URLs.
///
/// @param url canonical; empty for a mere secret
/// @param eventTypes names and patterns
/// @param secrets the current one first
/// @param disabledReason why nothing is sent to it; empty while it is enabled
public record Receiver(
    String tenant,
    String id,
    String name,
    Optional<String> url,
    List<String> eventTypes,
    List<SealedSecret> secrets,
    Instant createdAt,
    Instant updatedAt,
    Optional<String> disabledReason) {

  public Receiver {
    eventTypes = List.copyOf(eventTypes);
    secrets = List.copyOf(secrets);
  }

  /// A signing secret as it is kept.
  ///
  /// @param sealed encrypted; read-only by agreement
  /// @param keyId of the key it was encrypted with
  /// @param hint its last characters
  /// @param endsAt when it signs no more; empty for the current one
  @SuppressWarnings("ArrayRecordComponent")
  public record SealedSecret(
      byte[] sealed, String keyId, String hint, Instant createdAt, Optional<Instant> endsAt) {}

  public boolean enabled() {
    return disabledReason.isEmpty();
  }

  public Receiver changed(Instant now) {
    return new Receiver(tenant, id, name, url, eventTypes, secrets, createdAt, now, disabledReason);
  }

  public Receiver disabled(String reason, Instant now) {
    return new Receiver(
        tenant, id, name, url, eventTypes, secrets, createdAt, now, Optional.of(reason));
  }

  /// With a new secret. The one before it goes on signing until `overlapEnds`, those before that
  /// sign no more.
  public Receiver rotated(SealedSecret next, Instant overlapEnds) {
    SealedSecret last = secrets.getFirst();
    SealedSecret ending =
        new SealedSecret(
            last.sealed(), last.keyId(), last.hint(), last.createdAt(), Optional.of(overlapEnds));
    List<SealedSecret> both =
        overlapEnds.isAfter(next.createdAt()) ? List.of(next, ending) : List.of(next);
    return new Receiver(
        tenant, id, name, url, eventTypes, both, createdAt, next.createdAt(), disabledReason);
  }

  /// The secrets that sign now, the current one first.
  public List<SealedSecret> signing(Instant now) {
    return secrets.stream()
        .filter(secret -> secret.endsAt().map(now::isBefore).orElse(true))
        .toList();
  }
}
