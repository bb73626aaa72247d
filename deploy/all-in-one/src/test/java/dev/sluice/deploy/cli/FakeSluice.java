package dev.sluice.deploy.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/// Answers as a running Sluice would, from prepared texts, and remembers what it was asked.
final class FakeSluice implements AutoCloseable {

  /// @param line method and path with query
  record Asked(String line, String authorization, String lastEventId, String body) {}

  private record Answer(int status, String contentType, String body) {}

  private final HttpServer server;
  private final Map<String, Queue<Answer>> answers = new ConcurrentHashMap<>();
  private final List<Asked> asked = new CopyOnWriteArrayList<>();

  FakeSluice() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.createContext("/", this::answer);
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /// The next answer to a request line; the last one stays.
  FakeSluice on(String line, int status, String body) {
    return on(line, new Answer(status, "application/json", body));
  }

  FakeSluice onEvents(String line, String body) {
    return on(line, new Answer(200, "text/event-stream", body));
  }

  private FakeSluice on(String line, Answer answer) {
    answers.computeIfAbsent(line, _ -> new ArrayDeque<>()).add(answer);
    return this;
  }

  List<Asked> asked() {
    return asked;
  }

  private void answer(HttpExchange exchange) throws IOException {
    String line = exchange.getRequestMethod() + " " + exchange.getRequestURI();
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    asked.add(
        new Asked(
            line,
            exchange.getRequestHeaders().getFirst("authorization"),
            exchange.getRequestHeaders().getFirst("last-event-id"),
            body));
    Answer answer = next(line);
    byte[] bytes = answer.body().getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("content-type", answer.contentType());
    exchange.sendResponseHeaders(answer.status(), bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  private Answer next(String line) {
    Queue<Answer> prepared = answers.getOrDefault(line, new ArrayDeque<>());
    if (prepared.isEmpty()) {
      return new Answer(
          404, "application/problem+json", "{\"code\":\"not_found\",\"title\":\"no such job\"}");
    }
    return prepared.size() == 1 ? prepared.element() : prepared.remove();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
