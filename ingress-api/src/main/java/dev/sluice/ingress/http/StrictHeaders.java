package dev.sluice.ingress.http;

import dev.sluice.ingress.core.Fault;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderMap;
import io.undertow.util.HeaderValues;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Refuses heads that are well formed and say what another reader could understand otherwise:
/// repeated singletons, unknown expectations. What is wrong with the bytes themselves is found
/// before, by [RequestGuard].
final class StrictHeaders {
  private static final List<HttpString> SINGLETONS =
      List.of(
          Headers.CONTENT_TYPE, Headers.AUTHORIZATION, Headers.EXPECT, new HttpString("X-Api-Key"));

  private StrictHeaders() {}

  /// What is wrong; null when nothing is.
  static @Nullable Fault faultOf(HttpServerExchange exchange) {
    HeaderMap headers = exchange.getRequestHeaders();
    for (HttpString name : SINGLETONS) {
      HeaderValues values = headers.get(name);
      if (values != null && values.size() > 1) {
        return Fault.REPEATED;
      }
    }
    String expectation = headers.getFirst(Headers.EXPECT);
    if (expectation != null && !expectation.equalsIgnoreCase("100-continue")) {
      return Fault.EXPECTATION;
    }
    String coding = headers.getFirst(Headers.CONTENT_ENCODING);
    return coding == null || coding.equalsIgnoreCase("identity") ? null : Fault.COMPRESSED;
  }
}
