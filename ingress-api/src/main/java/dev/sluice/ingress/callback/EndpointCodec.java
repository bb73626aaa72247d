package dev.sluice.ingress.callback;

import dev.sluice.contract.avro.SigningSecret;
import dev.sluice.contract.avro.WebhookEndpoint;
import dev.sluice.ingress.core.callback.Receiver;
import dev.sluice.ingress.core.callback.Receiver.SealedSecret;
import java.nio.ByteBuffer;
import java.util.Optional;

/// Endpoints as records, and back.
public final class EndpointCodec {

  private EndpointCodec() {}

  public static WebhookEndpoint record(Receiver endpoint) {
    WebhookEndpoint record = new WebhookEndpoint();
    record.setTenant(endpoint.tenant());
    record.setId(endpoint.id());
    record.setName(endpoint.name());
    record.setUrl(endpoint.url().orElse(null));
    record.setEventTypes(endpoint.eventTypes());
    record.setSecrets(endpoint.secrets().stream().map(EndpointCodec::secret).toList());
    record.setCreatedAt(endpoint.createdAt());
    record.setUpdatedAt(endpoint.updatedAt());
    record.setDisabledReason(endpoint.disabledReason().orElse(null));
    return record;
  }

  private static SigningSecret secret(SealedSecret secret) {
    return new SigningSecret(
        ByteBuffer.wrap(secret.sealed()),
        secret.keyId(),
        secret.hint(),
        secret.createdAt(),
        secret.endsAt().orElse(null));
  }

  public static Receiver endpoint(WebhookEndpoint record) {
    return new Receiver(
        record.getTenant(),
        record.getId(),
        record.getName(),
        Optional.ofNullable(record.getUrl()),
        record.getEventTypes(),
        record.getSecrets().stream().map(EndpointCodec::secret).toList(),
        record.getCreatedAt(),
        record.getUpdatedAt(),
        Optional.ofNullable(record.getDisabledReason()));
  }

  private static SealedSecret secret(SigningSecret record) {
    byte[] sealed = new byte[record.getSealed().remaining()];
    record.getSealed().duplicate().get(sealed);
    return new SealedSecret(
        sealed,
        record.getKeyId(),
        record.getHint(),
        record.getCreatedAt(),
        Optional.ofNullable(record.getEndsAt()));
  }
}
