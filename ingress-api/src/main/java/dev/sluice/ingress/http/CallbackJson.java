package dev.sluice.ingress.http;

import dev.sluice.contract.avro.Callback;
import dev.sluice.ingress.core.callback.Receiver;
import dev.sluice.ingress.json.JsonOut;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Function;

/// Endpoints, secrets and deliveries as their owners see them.
final class CallbackJson {

  private CallbackJson() {}

  /// @param secret shown this once; empty to show none
  static byte[] endpoint(Receiver endpoint, Optional<String> secret) {
    JsonOut out = new JsonOut();
    endpoint(out, endpoint, secret);
    return out.toBytes();
  }

  static void endpoint(JsonOut out, Receiver endpoint, Optional<String> secret) {
    out.beginObject()
        .field("id", endpoint.id())
        .field("object", "webhook_endpoint")
        .field("created_at", endpoint.createdAt().getEpochSecond())
        .field("updated_at", endpoint.updatedAt().getEpochSecond())
        .field("name", endpoint.name())
        .field("url", endpoint.url().orElse(""))
        .name("event_types")
        .beginArray();
    endpoint.eventTypes().forEach(out::string);
    out.endArray()
        .field("status", endpoint.enabled() ? "enabled" : "disabled")
        .textOrNull("disabled_reason", endpoint.disabledReason().orElse(""));
    secret(out, endpoint, secret);
    out.endObject();
  }

  /// @param shown the secret itself, this once
  static byte[] secret(Receiver holder, Optional<String> shown) {
    JsonOut out = new JsonOut();
    secretObject(out, holder, shown);
    return out.toBytes();
  }

  static void secretObject(JsonOut out, Receiver holder, Optional<String> shown) {
    out.beginObject()
        .field("id", holder.id())
        .field("object", "callback_secret")
        .field("created_at", holder.createdAt().getEpochSecond())
        .field("updated_at", holder.updatedAt().getEpochSecond());
    secret(out, holder, shown);
    out.endObject();
  }

  private static void secret(JsonOut out, Receiver holder, Optional<String> shown) {
    shown.ifPresent(secret -> out.field("signing_secret", secret));
    out.field("signing_secret_hint", "whsec_..." + holder.secrets().getFirst().hint());
  }

  static void delivery(JsonOut out, Callback delivery) {
    out.beginObject()
        .field("id", delivery.getId())
        .field("object", "callback_delivery")
        .field("event_id", delivery.getEventId())
        .field("type", delivery.getType())
        .field("subject", delivery.getSubject())
        .textOrNull("endpoint_id", delivery.getEndpointId())
        .textOrNull("url", delivery.getUrl())
        .field("status", delivery.getState().name().toLowerCase(Locale.ROOT))
        .field("attempts", delivery.getAttempts())
        .name("last_status_code");
    if (delivery.getLastStatus() == 0) {
      out.nothing();
    } else {
      out.number(delivery.getLastStatus());
    }
    out.textOrNull("last_error", delivery.getLastError())
        .instantOrNull("created_at", delivery.getCreatedAt())
        .instantOrNull("last_attempt_at", delivery.getLastAt())
        .instantOrNull("next_attempt_at", delivery.getDueAt())
        .endObject();
  }

  static <T> byte[] list(
      List<T> page, boolean more, Function<T, String> id, BiConsumer<JsonOut, T> write) {
    JsonOut out = new JsonOut(1_024);
    out.beginObject().field("object", "list").name("data").beginArray();
    page.forEach(one -> write.accept(out, one));
    return out.endArray()
        .textOrNull("first_id", page.isEmpty() ? "" : id.apply(page.getFirst()))
        .textOrNull("last_id", page.isEmpty() ? "" : id.apply(page.getLast()))
        .field("has_more", more)
        .endObject()
        .toBytes();
  }
}
