package dev.sluice.ledgercheck.client;

import dev.sluice.ledgercheck.core.CacheWish;
import dev.sluice.ledgercheck.core.Plan;
import dev.sluice.ledgercheck.core.Surface;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/// The request that carries a plan's marker: in the prompt, and as a tag.
///
/// @param path of the endpoint
record Submission(String path, String body, Map<String, String> headers) {
  private static final JsonMapper JSON = new JsonMapper();

  static Submission of(Plan plan) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("model", plan.model());
    body.put("messages", List.of(Map.of("role", "user", "content", plan.prompt())));
    boolean stream = plan.surface() == Surface.CHAT_STREAM || plan.surface() == Surface.JOB_EVENTS;
    if (stream) {
      body.put("stream", true);
    }
    return switch (plan.surface()) {
      case CHAT, CHAT_STREAM -> {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("x-sluice-tags", "marker=" + plan.marker());
        plan.cache().ifPresent(wish -> headers.put("x-sluice-cache", header(wish)));
        yield new Submission("/v1/chat/completions", JSON.writeValueAsString(body), headers);
      }
      case JOB, JOB_EVENTS, JOB_WAIT -> {
        body.put("priority", plan.priority());
        body.put("tags", Map.of("marker", plan.marker()));
        plan.cache().ifPresent(wish -> body.put("cache", member(wish)));
        Map<String, String> headers =
            plan.surface() == Surface.JOB_WAIT
                ? Map.of("Prefer", "wait=20")
                : plan.keyed() ? Map.of("Idempotency-Key", plan.marker()) : Map.of();
        yield new Submission("/v1/jobs", JSON.writeValueAsString(body), headers);
      }
    };
  }

  private static String header(CacheWish wish) {
    return mode(wish) + (wish.ttlSeconds() > 0 ? ", ttl=" + wish.ttlSeconds() : "");
  }

  private static Map<String, Object> member(CacheWish wish) {
    return wish.ttlSeconds() > 0
        ? Map.of("mode", mode(wish), "ttl", wish.ttlSeconds())
        : Map.of("mode", mode(wish));
  }

  private static String mode(CacheWish wish) {
    return wish.mode().name().toLowerCase(Locale.ROOT);
  }
}
