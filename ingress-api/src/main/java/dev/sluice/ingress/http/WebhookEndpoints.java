package dev.sluice.ingress.http;

import dev.sluice.contract.avro.CallOutcome;
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

/// `/v1/webhook_endpoints`: who wants to be told of what, in OpenAI's form. A signing secret is in
/// the answer that made it and in no other.
final class WebhookEndpoints {
  private static final int MAX_OF_TENANT = 100;
  private static final int DEFAULT_LIMIT = 20;
  private static final int MAX_LIMIT = 100;
  private static final int ID_BYTES = 16;

  private final Callbacks callbacks;
  private final EndpointChanges changes;
  private final Clock clock;
  private final SecureRandom random = new SecureRandom();

  WebhookEndpoints(Callbacks callbacks, EndpointChanges changes, Clock clock) {
    this.callbacks = callbacks;
    this.changes = changes;
    this.clock = clock;
  }

  void create(Call call) throws IOException {
    WebhookForm form = WebhookForm.readNew(call.body());
    Vault vault = callbacks.requireVault();
    String tenant = call.principal().tenant();
    byte[] id = new byte[ID_BYTES];
    random.nextBytes(id);
    Instant now = clock.instant();
    String name = "whe_" + HexFormat.of().formatHex(id);
    byte[] secret = vault.create();
    Receiver endpoint =
        new Receiver(
            tenant,
            name,
            form.name().orElse(""),
            Optional.of(callbacks.url(form.url().orElse(""), "/url")),
            form.eventTypes().orElse(List.of()),
            List.of(vault.seal(tenant, name, secret, now)),
            now,
            now,
            form.enabled().orElse(true) ? Optional.empty() : Optional.of("caller"));
    withSecret(call, vault, changes.put(call, endpoint, () -> requireRoom(tenant)));
  }

  private void requireRoom(String tenant) {
    if (registered(tenant).size() >= MAX_OF_TENANT) {
      throw new RefusedException(
          Refusal.of(
              ErrorCode.SCHEMA_VIOLATION,
              "a tenant has at most " + MAX_OF_TENANT + " webhook endpoints; delete one"));
    }
  }

  /// With the secret that the first call under the key made.
  private static void withSecret(Call call, Vault vault, EndpointChanges.Changed changed)
      throws IOException {
    call.json(200, CallbackJson.endpoint(changed.now(), Optional.of(shown(vault, changed.made()))));
  }

  /// A receiver's current secret, in the answer to whoever made it.
  static String shown(Vault vault, Receiver made) {
    return Vault.shown(vault.open(made.tenant(), made.id(), made.secrets().getFirst()));
  }

  void list(Call call) throws IOException {
    int limit =
        call.query("limit")
            .map(text -> Jobs.whole(text, "limit", 1, MAX_LIMIT))
            .orElse(DEFAULT_LIMIT);
    List<Receiver> all = registered(call.principal().tenant());
    int from = 0;
    Optional<String> after = call.query("after");
    if (after.isPresent()) {
      List<String> ids = all.stream().map(Receiver::id).toList();
      from = ids.indexOf(after.get()) + 1;
      if (from == 0) {
        throw absent();
      }
    }
    List<Receiver> page = all.subList(from, Math.min(all.size(), from + limit));
    call.json(
        200,
        CallbackJson.list(
            page,
            from + limit < all.size(),
            Receiver::id,
            (out, one) -> CallbackJson.endpoint(out, one, Optional.empty())));
  }

  private List<Receiver> registered(String tenant) {
    return callbacks.endpoints().all(tenant).stream().filter(one -> one.url().isPresent()).toList();
  }

  void one(Call call) throws IOException {
    call.json(200, CallbackJson.endpoint(of(call), Optional.empty()));
  }

  void change(Call call) throws IOException {
    WebhookForm form = call.body().length == 0 ? nothing() : WebhookForm.read(call.body());
    Receiver before = of(call);
    Receiver after =
        new Receiver(
            before.tenant(),
            before.id(),
            form.name().orElse(before.name()),
            form.url().map(url -> callbacks.url(url, "/url")).or(before::url),
            form.eventTypes().orElse(before.eventTypes()),
            before.secrets(),
            before.createdAt(),
            before.updatedAt(),
            form.enabled()
                .map(enabled -> enabled ? Optional.<String>empty() : Optional.of("caller"))
                .orElse(before.disabledReason()));
    // What changes nothing is written all the same, so that its key is its own.
    Receiver asked = after.equals(before) ? before : after.changed(clock.instant());
    Receiver kept = changes.put(call, asked, () -> {}).now();
    call.json(200, CallbackJson.endpoint(kept, Optional.empty()));
  }

  private static WebhookForm nothing() {
    return new WebhookForm(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
  }

  void delete(Call call) throws IOException {
    Receiver endpoint = of(call);
    changes.remove(endpoint);
    call.json(
        200,
        new JsonOut(128)
            .beginObject()
            .field("id", endpoint.id())
            .field("object", "webhook_endpoint.deleted")
            .field("deleted", true)
            .endObject()
            .toBytes());
  }

  void rotate(Call call) throws IOException {
    Duration overlap = WebhookForm.overlap(call.body());
    Receiver endpoint = of(call);
    Vault vault = callbacks.requireVault();
    byte[] secret = vault.create();
    Instant now = clock.instant();
    Receiver rotated =
        endpoint.rotated(
            vault.seal(endpoint.tenant(), endpoint.id(), secret, now), now.plus(overlap));
    withSecret(call, vault, changes.put(call, rotated, () -> {}));
  }

  void test(Call call) throws IOException {
    String type = WebhookForm.testType(call.body());
    Receiver endpoint = of(call);
    var _ = callbacks.requireVault();
    CallOutcome outcome = changes.test(call, endpoint, type);
    Integer status = outcome.getStatus();
    if (status == null) {
      throw new RefusedException(
          Refusal.of(
              ErrorCode.CALLBACK_FAILED, "the receiver gave no answer: " + outcome.getError()));
    }
    call.json(
        200,
        new JsonOut(192)
            .beginObject()
            .field("object", "webhook_endpoint.test")
            .field("webhook_endpoint_id", endpoint.id())
            .field("event_type", type)
            .field("status_code", status)
            .field("success", true)
            .endObject()
            .toBytes());
  }

  private Receiver of(Call call) {
    return find(callbacks, call.principal().tenant(), call.variable());
  }

  static Receiver find(Callbacks callbacks, String tenant, String id) {
    return callbacks
        .endpoints()
        .find(tenant, id)
        .filter(one -> one.url().isPresent())
        .orElseThrow(WebhookEndpoints::absent);
  }

  private static RefusedException absent() {
    return new RefusedException(
        Refusal.of(ErrorCode.NOT_FOUND, "there is no such webhook endpoint"));
  }
}
