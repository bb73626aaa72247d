package dev.sluice.runtime.http;

import io.undertow.Handlers;
import io.undertow.Undertow;
import io.undertow.UndertowOptions;
import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.handlers.BlockingHandler;
import io.undertow.server.handlers.PathHandler;
import io.undertow.util.Headers;
import io.undertow.util.StatusCodes;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The admin port: `/healthz` says that the process lives, `/readyz` that it can serve, `/metrics`
/// what it does; a process may mount more, such as the built-in schema registry.
///
/// Started before the services, so that a slow start can be watched. On loopback it asks for no
/// credential; elsewhere everything but the two health checks wants a key with scope `admin`.
/// `start` and `close` belong to one thread; handlers run on the server's own.
public final class AdminEndpoint implements AutoCloseable {
  private static final long MAX_BODY_BYTES = 4L * 1024 * 1024;

  private final Undertow server;
  private @Nullable InetSocketAddress bound;

  /// @param port 0 picks a free one
  /// @param scrape metrics in Prometheus's text format
  /// @param mounts handlers by path prefix; they may block
  /// @param isAdminKey asked only off loopback
  public AdminEndpoint(
      String host,
      int port,
      Readiness readiness,
      Supplier<String> scrape,
      Map<String, HttpHandler> mounts,
      Predicate<String> isAdminKey) {
    HttpHandler metrics =
        exchange -> answer(exchange, 200, "text/plain; version=0.0.4", scrape.get());
    boolean open = isLoopback(host);
    PathHandler paths = Handlers.path(AdminEndpoint::notFound);
    paths.addExactPath("/healthz", exchange -> json(exchange, 200, "{\"status\":\"ok\"}"));
    paths.addExactPath("/readyz", exchange -> readyz(exchange, readiness.waitingFor()));
    paths.addExactPath("/metrics", guarded(open, isAdminKey, metrics));
    mounts.forEach((prefix, handler) ->
        paths.addPrefixPath(prefix, guarded(open, isAdminKey, new BlockingHandler(handler))));
    this.server =
        Undertow.builder()
            .addHttpListener(port, host, paths)
            .setIoThreads(1)
            .setWorkerThreads(4)
            .setServerOption(UndertowOptions.MAX_ENTITY_SIZE, MAX_BODY_BYTES)
            .setServerOption(UndertowOptions.NO_REQUEST_TIMEOUT, 60_000)
            .setServerOption(UndertowOptions.REQUEST_PARSE_TIMEOUT, 10_000)
            .build();
  }

  /// Binds the port.
  ///
  /// @throws RuntimeException with a [java.net.BindException] as its cause when it is taken
  public AdminEndpoint start() {
    server.start();
    bound = (InetSocketAddress) server.getListenerInfo().getFirst().getAddress();
    return this;
  }

  /// The port it listens on, also where any was asked for.
  public int port() {
    if (bound == null) {
      throw new IllegalStateException("not started");
    }
    return bound.getPort();
  }

  @Override
  public void close() {
    if (bound != null) {
      server.stop();
      bound = null;
    }
  }

  private static HttpHandler guarded(
      boolean open, Predicate<String> isAdminKey, HttpHandler handler) {
    return open ? handler : new AdminAccess(isAdminKey, handler);
  }

  private static boolean isLoopback(String host) {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      // The bind that follows says it better.
      return false;
    }
  }

  private static void readyz(HttpServerExchange exchange, List<Readiness.Waiting> waitingFor) {
    if (waitingFor.isEmpty()) {
      json(exchange, StatusCodes.OK, "{\"status\":\"ready\"}");
      return;
    }
    ObjectNode body = JsonMapper.shared().createObjectNode().put("status", "waiting");
    ArrayNode names = body.putArray("waiting_for");
    ObjectNode reasons = body.putObject("reasons");
    waitingFor.forEach(waiting -> {
      names.add(waiting.service());
      reasons.put(waiting.service(), waiting.reason());
    });
    json(exchange, StatusCodes.SERVICE_UNAVAILABLE, body.toString());
  }

  private static void notFound(HttpServerExchange exchange) {
    answer(
        exchange,
        StatusCodes.NOT_FOUND,
        "application/problem+json",
        "{\"status\":404,\"code\":\"not_found\",\"title\":\"nothing at this path of the admin"
            + " port\"}");
  }

  private static void json(HttpServerExchange exchange, int status, String body) {
    answer(exchange, status, "application/json", body);
  }

  static void answer(HttpServerExchange exchange, int status, String contentType, String body) {
    exchange.setStatusCode(status);
    exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, contentType);
    exchange.getResponseSender().send(body);
  }
}
