package dev.sluice.ingress.callback;

import dev.sluice.contract.model.JobId;
import dev.sluice.ingress.core.callback.Delivery;
import dev.sluice.ingress.json.JsonOut;
import java.nio.charset.StandardCharsets;

/// The body of a callback. It refers to what happened and holds no answer: a few hundred bytes, the
/// same at every attempt.
final class Envelope {

  private Envelope() {}

  static byte[] of(Delivery delivery) {
    JsonOut out =
        new JsonOut(320)
            .beginObject()
            .field("id", delivery.eventId())
            .field("object", "event")
            .field("type", delivery.type())
            .field("created_at", delivery.createdAt().getEpochSecond())
            .name("data");
    if (delivery.details().isPresent()) {
      byte[] details = delivery.details().get().getBytes(StandardCharsets.UTF_8);
      return out.raw(details).endObject().toBytes();
    }
    out.beginObject();
    String family = delivery.type().substring(0, delivery.type().indexOf('.'));
    switch (family) {
      case "job" ->
          out.field("id", delivery.subject())
              .field("object", "job")
              .field("status", delivery.status())
              .field("status_url", "/v1/jobs/" + delivery.subject());
      case "response" -> out.field("id", named(delivery.subject(), "resp_"));
      default -> out.field("id", delivery.subject());
    }
    return out.endObject().endObject().toBytes();
  }

  private static String named(String subject, String prefix) {
    return JobId.parse(subject).map(id -> id.text(prefix)).orElse(subject);
  }
}
