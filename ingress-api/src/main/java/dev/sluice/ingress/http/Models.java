package dev.sluice.ingress.http;

import dev.sluice.contract.model.ErrorCode;
import dev.sluice.contract.model.Policy;
import dev.sluice.ingress.core.Refusal;
import dev.sluice.ingress.core.RefusedException;
import dev.sluice.ingress.json.JsonOut;
import java.io.IOException;
import java.util.TreeSet;
import java.util.function.Supplier;

/// `GET /v1/models` and one of them, from the policy in force.
final class Models {
  static final String ANY = "*";

  private final Supplier<Policy> policy;

  Models(Supplier<Policy> policy) {
    this.policy = policy;
  }

  void list(Call call) throws IOException {
    JsonOut out = new JsonOut();
    out.beginObject().field("object", "list").name("data").beginArray();
    for (String id : new TreeSet<>(policy.get().models().keySet())) {
      if (!id.equals(ANY)) {
        model(out, id);
      }
    }
    call.json(200, out.endArray().endObject().toBytes());
  }

  void one(Call call) throws IOException {
    String id = idIn(call);
    if (id.equals(ANY) || policy.get().model(id).isEmpty()) {
      throw new RefusedException(
          Refusal.of(ErrorCode.MODEL_NOT_FOUND, "there is no model of this name"));
    }
    JsonOut out = new JsonOut();
    model(out, id);
    call.json(200, out.toBytes());
  }

  static String idIn(Call call) {
    return call.variable().replace("%2F", "/").replace("%2f", "/").replace("%3A", ":");
  }

  /// The policy does not say when a model came to be.
  private static void model(JsonOut out, String id) {
    out.beginObject()
        .field("id", id)
        .field("object", "model")
        .field("created", 0)
        .field("owned_by", "sluice")
        .endObject();
  }
}
