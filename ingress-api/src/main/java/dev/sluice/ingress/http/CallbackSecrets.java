package dev.sluice.ingress.http;

import dev.sluice.contract.model.ErrorCode;
import dev.sluice.ingress.callback.Callbacks;
import dev.sluice.ingress.callback.Vault;
import dev.sluice.ingress.core.Refusal;
import dev.sluice.ingress.core.RefusedException;
import dev.sluice.ingress.core.callback.Receiver;
import dev.sluice.ingress.json.JsonOut;
import dev.sluice.ingress.json.WebhookForm;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/// `/v1/callback_secrets`: secrets for callback URLs that are no registered endpoint. The one named
/// `default` signs where a job names none.
final class CallbackSecrets {
  private static final int MAX_OF_TENANT = 100;
  private static final int ID_BYTES = 8;

  private final Callbacks callbacks;
  private final EndpointChanges changes;
  private final Clock clock;
  private final SecureRandom random = new SecureRandom();

  CallbackSecrets(Callbacks callbacks, EndpointChanges changes, Clock clock) {
    this.callbacks = callbacks;
    this.changes = changes;
    this.clock = clock;
  }

  void create(Call call) throws IOException {
    String tenant = call.principal().tenant();
    String id = WebhookForm.secretId(call.body()).orElseGet(this::newId);
    Vault vault = callbacks.requireVault();
    byte[] secret = vault.create();
    Instant now = clock.instant();
    Receiver holder =
        new Receiver(
            tenant,
            id,
            "",
            Optional.empty(),
            List.of(),
            List.of(vault.seal(tenant, id, secret, now)),
            now,
            now,
            Optional.empty());
    withSecret(call, 201, vault, changes.put(call, holder, () -> requireRoom(tenant, id)));
  }

  private void requireRoom(String tenant, String id) {
    if (callbacks.endpoints().find(tenant, id).isPresent()) {
      throw new RefusedException(Refusal.field("/id", "id is taken; rotate that secret"));
    }
    if (secrets(tenant).size() >= MAX_OF_TENANT) {
      throw new RefusedException(
          Refusal.of(
              ErrorCode.SCHEMA_VIOLATION,
              "a tenant has at most " + MAX_OF_TENANT + " callback secrets; delete one"));
    }
  }

  private static void withSecret(
      Call call, int status, Vault vault, EndpointChanges.Changed changed) throws IOException {
    String secret = WebhookEndpoints.shown(vault, changed.made());
    call.json(status, CallbackJson.secret(changed.now(), Optional.of(secret)));
  }

  private String newId() {
    byte[] id = new byte[ID_BYTES];
    random.nextBytes(id);
    return "cbs_" + HexFormat.of().formatHex(id);
  }

  void list(Call call) throws IOException {
    call.json(
        200,
        CallbackJson.list(
            secrets(call.principal().tenant()),
            false,
            Receiver::id,
            (out, one) -> CallbackJson.secretObject(out, one, Optional.empty())));
  }

  private List<Receiver> secrets(String tenant) {
    return callbacks.endpoints().all(tenant).stream().filter(one -> one.url().isEmpty()).toList();
  }

  void rotate(Call call) throws IOException {
    Duration overlap = WebhookForm.overlap(call.body());
    Receiver holder = of(call);
    Vault vault = callbacks.requireVault();
    byte[] secret = vault.create();
    Instant now = clock.instant();
    Receiver rotated =
        holder.rotated(vault.seal(holder.tenant(), holder.id(), secret, now), now.plus(overlap));
    withSecret(call, 200, vault, changes.put(call, rotated, () -> {}));
  }

  void delete(Call call) throws IOException {
    Receiver holder = of(call);
    changes.remove(holder);
    call.json(
        200,
        new JsonOut(128)
            .beginObject()
            .field("id", holder.id())
            .field("object", "callback_secret.deleted")
            .field("deleted", true)
            .endObject()
            .toBytes());
  }

  private Receiver of(Call call) {
    return callbacks
        .endpoints()
        .find(call.principal().tenant(), call.variable())
        .filter(one -> one.url().isEmpty())
        .orElseThrow(() ->
            new RefusedException(
                Refusal.of(ErrorCode.NOT_FOUND, "there is no such callback secret")));
  }
}
