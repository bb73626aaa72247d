package dev.sluice.ingress.callback;

import dev.sluice.ingress.core.callback.Delivery;
import dev.sluice.ingress.core.callback.Receiver;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Which secrets sign a call: those of the endpoint it goes to, else those it names, else the
/// tenant's default.
final class Secrets {
  /// Id of the secret that a tenant makes itself as its default.
  static final String DEFAULT = "default";

  private final EndpointStore endpoints;
  private final Vault vault;

  Secrets(EndpointStore endpoints, Vault vault) {
    this.endpoints = endpoints;
    this.vault = vault;
  }

  /// @throws UnreadableSecretException when they were sealed with another key
  List<byte[]> of(Delivery delivery, Instant now) {
    String id = delivery.endpointId().or(delivery::secretId).orElse(DEFAULT);
    Optional<Receiver> holder =
        endpoints.find(delivery.tenant(), id).or(() -> endpoints.find(delivery.tenant(), DEFAULT));
    return holder
        .map(known ->
            known.signing(now).stream()
                .map(secret -> vault.open(known.tenant(), known.id(), secret))
                .toList())
        .orElseGet(() -> List.of(vault.standard(delivery.tenant())));
  }
}
