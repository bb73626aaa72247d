package dev.sluice.ingress.http;

import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderValues;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What a request's headers say of its key and its body.
final class RequestForm {

  /// Versions of Anthropic's API whose messages are understood.
  static final List<String> ANTHROPIC_VERSIONS = List.of("2023-01-01", "2023-06-01", "2026-10-21");

  private static final HttpString ANTHROPIC_BETA = new HttpString("anthropic-beta");

  private RequestForm() {}

  static boolean hasAnthropicVersion(HttpServerExchange exchange) {
    String version = exchange.getRequestHeaders().getFirst(Surface.ANTHROPIC_VERSION);
    return version != null && ANTHROPIC_VERSIONS.contains(version);
  }

  /// What a request in Anthropic's dialect says to a provider of the same dialect, names in lower
  /// case.
  static Map<String, String> anthropicHeaders(HttpServerExchange exchange) {
    Map<String, String> headers = new HashMap<>();
    if (hasAnthropicVersion(exchange)) {
      headers.put(
          "anthropic-version", exchange.getRequestHeaders().getFirst(Surface.ANTHROPIC_VERSION));
    }
    HeaderValues betas = exchange.getRequestHeaders().get(ANTHROPIC_BETA);
    if (betas != null) {
      headers.put("anthropic-beta", String.join(",", betas));
    }
    return headers;
  }

  static Optional<String> presentedKey(HttpServerExchange exchange) {
    String authorization = exchange.getRequestHeaders().getFirst(Headers.AUTHORIZATION);
    @Nullable String key = null;
    if (authorization != null && authorization.regionMatches(true, 0, "Bearer ", 0, 7)) {
      key = authorization.substring(7).strip();
    } else if (authorization == null) {
      key = exchange.getRequestHeaders().getFirst("x-api-key");
    }
    return key == null || key.isEmpty() || key.length() > 1_024
        ? Optional.empty()
        : Optional.of(key);
  }

  static boolean isJson(HttpServerExchange exchange) {
    String type = exchange.getRequestHeaders().getFirst(Headers.CONTENT_TYPE);
    if (type == null) {
      return false;
    }
    String[] parts = type.toLowerCase(Locale.ROOT).split(";", -1);
    for (int i = 1; i < parts.length; i++) {
      String parameter = parts[i].strip().replace("\"", "");
      if (parameter.startsWith("charset=") && !parameter.equals("charset=utf-8")) {
        return false;
      }
    }
    return parts[0].strip().equals("application/json");
  }
}
