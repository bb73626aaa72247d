package dev.sluice.ingress.http;

import dev.sluice.contract.model.ErrorCode;
import dev.sluice.ingress.core.Refusal;
import dev.sluice.ingress.core.RefusedException;
import dev.sluice.ingress.json.JsonOut;
import java.util.List;
import java.util.function.Function;

/// A page of a list, as the vendors number them: `limit`, `order`, and `after` (OpenAI) or
/// `after_id` and `before_id` (Anthropic).
///
/// @param more whether the list goes on
record Page<T>(List<T> items, Function<T, String> id, boolean more) {
  Page {
    items = List.copyOf(items);
  }

  /// @param usual items where the caller names no limit
  /// @param most items a caller may ask for
  record Bounds(int usual, int most) {}

  /// @param all newest first
  static <T> Page<T> of(Call call, List<T> all, Function<T, String> id, Bounds bounds) {
    int limit =
        call.query("limit")
            .map(text -> Jobs.whole(text, "limit", 1, bounds.most()))
            .orElse(bounds.usual());
    List<T> ordered = call.query("order").orElse("desc").equals("asc") ? all.reversed() : all;
    int from =
        call.query("after")
            .or(() -> call.query("after_id"))
            .map(after -> indexOf(ordered, id, after) + 1)
            .orElse(0);
    int end =
        call.query("before_id").map(before -> indexOf(ordered, id, before)).orElse(ordered.size());
    if (call.query("before_id").isPresent() && from == 0) {
      from = Math.max(0, end - limit);
    }
    int to = Math.min(end, from + limit);
    return new Page<>(ordered.subList(Math.min(from, to), to), id, to < end);
  }

  private static <T> int indexOf(List<T> all, Function<T, String> id, String wanted) {
    for (int i = 0; i < all.size(); i++) {
      if (id.apply(all.get(i)).equals(wanted)) {
        return i;
      }
    }
    throw new RefusedException(
        Refusal.of(ErrorCode.NOT_FOUND, "there is nothing of the id to go on from"));
  }

  /// The list in JSON.
  byte[] json(Function<T, byte[]> item) {
    JsonOut out = new JsonOut(1_024);
    out.beginObject().field("object", "list").name("data").beginArray();
    items.forEach(one -> out.raw(item.apply(one)));
    return out.endArray()
        .textOrNull("first_id", items.isEmpty() ? "" : id.apply(items.getFirst()))
        .textOrNull("last_id", items.isEmpty() ? "" : id.apply(items.getLast()))
        .field("has_more", more)
        .endObject()
        .toBytes();
  }
}
