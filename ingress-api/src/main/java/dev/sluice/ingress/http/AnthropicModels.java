package dev.sluice.ingress.http;

import dev.sluice.contract.model.ErrorCode;
import dev.sluice.contract.model.Policy;
import dev.sluice.ingress.core.Refusal;
import dev.sluice.ingress.core.RefusedException;
import dev.sluice.ingress.json.JsonOut;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Supplier;

/// The models of the policy in force as Anthropic lists them: in pages, by `after_id` or
/// `before_id`.
final class AnthropicModels {
  private static final int MOST = 1_000;
  private static final int UNSAID = 20;

  private final Supplier<Policy> policy;

  AnthropicModels(Supplier<Policy> policy) {
    this.policy = policy;
  }

  void list(Call call) throws IOException {
    int limit = call.query("limit").map(text -> Jobs.whole(text, "limit", 1, MOST)).orElse(UNSAID);
    List<String> ids = new ArrayList<>(new TreeSet<>(policy.get().models().keySet()));
    ids.remove(Models.ANY);
    Optional<String> before = call.query("before_id");
    int end = before.map(id -> placeOf(ids, id, "before_id")).orElse(ids.size());
    int start =
        before.isPresent()
            ? Math.max(0, end - limit)
            : call.query("after_id").map(id -> placeOf(ids, id, "after_id") + 1).orElse(0);
    end = Math.min(end, start + limit);
    List<String> page = ids.subList(Math.min(start, end), end);
    JsonOut out = new JsonOut().beginObject().name("data").beginArray();
    page.forEach(id -> model(out, id));
    out.endArray()
        .textOrNull("first_id", page.isEmpty() ? "" : page.getFirst())
        .textOrNull("last_id", page.isEmpty() ? "" : page.getLast())
        .field("has_more", before.isPresent() ? start > 0 : end < ids.size())
        .endObject();
    call.json(200, out.toBytes());
  }

  private static int placeOf(List<String> ids, String id, String name) {
    int place = ids.indexOf(id);
    if (place < 0) {
      throw new RefusedException(
          Refusal.field("/" + name, name + " must be the id of a model of this list"));
    }
    return place;
  }

  void one(Call call) throws IOException {
    String id = Models.idIn(call);
    if (id.equals(Models.ANY) || policy.get().model(id).isEmpty()) {
      throw new RefusedException(
          Refusal.of(ErrorCode.MODEL_NOT_FOUND, "there is no model of this name"));
    }
    JsonOut out = new JsonOut();
    model(out, id);
    call.json(200, out.toBytes());
  }

  /// The policy does not say when a model came to be, nor what it can do.
  private void model(JsonOut out, String id) {
    out.beginObject()
        .field("type", "model")
        .field("id", id)
        .field("display_name", id)
        .field("created_at", "1970-01-01T00:00:00Z")
        .field("lifecycle", "active")
        .nullField("deprecated_at")
        .nullField("retires_at")
        .nullField("capabilities")
        .nullField("line")
        .nullField("max_input_tokens")
        .name("max_tokens");
    policy
        .get()
        .model(id)
        .flatMap(Policy.Model::maxOutputTokens)
        .ifPresentOrElse(out::number, out::nothing);
    out.endObject();
  }
}
