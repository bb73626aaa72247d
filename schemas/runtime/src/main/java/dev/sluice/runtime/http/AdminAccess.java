package dev.sluice.runtime.http;

import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.StatusCodes;
import java.util.Optional;
import java.util.function.Predicate;

/// Asks for a key with the scope `admin` before a handler is reached. Used where the admin port can
/// be reached from other machines; on loopback nothing is asked.
final class AdminAccess implements HttpHandler {
  private static final String BEARER = "bearer ";
  private static final String API_KEY = "x-api-key";

  private final Predicate<String> isAdminKey;
  private final HttpHandler next;

  AdminAccess(Predicate<String> isAdminKey, HttpHandler next) {
    this.isAdminKey = isAdminKey;
    this.next = next;
  }

  @Override
  public void handleRequest(HttpServerExchange exchange) throws Exception {
    if (keyOf(exchange).filter(isAdminKey).isPresent()) {
      next.handleRequest(exchange);
      return;
    }
    exchange.getResponseHeaders().put(Headers.WWW_AUTHENTICATE, "Bearer");
    AdminEndpoint.answer(
        exchange,
        StatusCodes.UNAUTHORIZED,
        "application/problem+json",
        "{\"status\":401,\"code\":\"invalid_api_key\",\"title\":\"a key with scope admin is needed\"}");
  }

  private static Optional<String> keyOf(HttpServerExchange exchange) {
    String bearer = exchange.getRequestHeaders().getFirst(Headers.AUTHORIZATION);
    if (bearer != null && bearer.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
      return Optional.of(bearer.substring(BEARER.length()).strip());
    }
    return Optional.ofNullable(exchange.getRequestHeaders().getFirst(API_KEY));
  }
}
