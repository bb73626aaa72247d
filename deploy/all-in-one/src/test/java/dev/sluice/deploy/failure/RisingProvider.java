package dev.sluice.deploy.failure;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/// An OpenAI-compatible provider that can be taken down and rises again on its port. Where it has a
/// limit it keeps to it as vendors do: a bucket of calls, headers that tell of it, 429 beyond it.
final class RisingProvider implements AutoCloseable {
  private static final String ANSWER =
      """
      {"id":"x","object":"chat.completion","created":1,"model":"x",
       "choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}],
       "usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}\
      """;

  /// When each call came, nanoseconds.
  final List<Long> calls = new CopyOnWriteArrayList<>();

  /// Calls that went beyond the limit.
  final List<Long> refused = new CopyOnWriteArrayList<>();

  private final String name;
  private final double limitASecond;
  private final double most;
  private int port;
  private @Nullable HttpServer server;
  private double left;
  private long refilledAt = System.nanoTime();

  RisingProvider(String name) throws IOException {
    this(name, 0);
  }

  /// @param limitASecond calls a second, and twice as many at once; 0 for no limit
  RisingProvider(String name, double limitASecond) throws IOException {
    this.name = name;
    this.limitASecond = limitASecond;
    this.most = 2 * limitASecond;
    this.left = most;
    rise();
  }

  String url() {
    return "http://127.0.0.1:" + port + "/v1";
  }

  void rise() throws IOException {
    HttpServer risen =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 256);
    risen.createContext("/v1/models", exchange -> send(exchange, 200, "{\"data\":[]}"));
    risen.createContext("/v1/chat/completions", this::chat);
    risen.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    risen.start();
    port = risen.getAddress().getPort();
    server = risen;
  }

  /// From here on connections are refused, and those that are open are closed.
  void fall() {
    HttpServer falling = server;
    if (falling != null) {
      falling.stop(0);
    }
  }

  private void chat(HttpExchange exchange) throws IOException {
    calls.add(System.nanoTime());
    exchange.getRequestBody().readAllBytes();
    if (limitASecond == 0 || admits(exchange)) {
      send(exchange, 200, ANSWER.replace("hi", name));
    } else {
      refused.add(System.nanoTime());
      send(exchange, 429, "{\"error\":{\"message\":\"slow down\",\"type\":\"rate_limit\"}}");
    }
  }

  private synchronized boolean admits(HttpExchange exchange) {
    long now = System.nanoTime();
    left = Math.min(most, left + limitASecond * (now - refilledAt) / 1e9);
    refilledAt = now;
    boolean admitted = left >= 1;
    left -= admitted ? 1 : 0;
    var headers = exchange.getResponseHeaders();
    headers.set("x-ratelimit-limit-requests", Long.toString((long) most));
    headers.set("x-ratelimit-remaining-requests", Long.toString((long) left));
    headers.set(
        "x-ratelimit-reset-requests",
        (long) Math.ceil(1_000 * (most - left) / limitASecond) + "ms");
    return admitted;
  }

  private static void send(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("content-type", "application/json");
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  @Override
  public void close() {
    fall();
  }
}
