package dev.sluice.ingress.http;

import io.undertow.server.HttpServerExchange;
import io.undertow.util.HttpString;

/// Whose manners an answer has.
enum Surface {
  /// OpenAI's error object and headers.
  OPENAI,
  /// Anthropic's error object and headers.
  ANTHROPIC,
  /// RFC 9457.
  NATIVE;

  static final HttpString ANTHROPIC_VERSION = new HttpString("anthropic-version");
  private static final String MOUNT = "/anthropic";

  boolean isVendors() {
    return this != NATIVE;
  }

  /// The path to look a request up by. Both vendors own a few paths; Anthropic's callers tell
  /// theirs by a header, and are served as under its mount.
  static String path(HttpServerExchange exchange) {
    String path = exchange.getRequestURI();
    boolean shared = path.startsWith("/v1/models") || path.startsWith("/v1/files");
    return shared && exchange.getRequestHeaders().contains(ANTHROPIC_VERSION) ? MOUNT + path : path;
  }

  /// Whose caller asks for a path that is not served.
  static Surface ofUnknown(HttpServerExchange exchange) {
    String path = exchange.getRequestURI();
    boolean anthropics =
        path.startsWith(MOUNT + "/")
            || path.startsWith("/v1/messages")
            || exchange.getRequestHeaders().contains(ANTHROPIC_VERSION);
    return anthropics ? ANTHROPIC : OPENAI;
  }
}
