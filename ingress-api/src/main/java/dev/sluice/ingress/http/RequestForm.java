package dev.sluice.ingress.http;

import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What a request's headers say of its key and its body.
final class RequestForm {

  private RequestForm() {}

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
