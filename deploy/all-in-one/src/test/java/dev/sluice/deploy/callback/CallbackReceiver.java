package dev.sluice.deploy.callback;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.IntUnaryOperator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A receiver of callbacks that answers as a test says, and remembers every call.
public final class CallbackReceiver implements AutoCloseable {
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpServer server;
  private final List<Received> calls = new CopyOnWriteArrayList<>();
  private final Map<String, IntUnaryOperator> answers = new ConcurrentHashMap<>();
  private final CountDownLatch released = new CountDownLatch(1);

  /// One call.
  public record Received(String path, String id, String timestamp, String signature, String body) {}

  public CallbackReceiver() throws IOException {
    server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::take);
    server.start();
  }

  public String url(String path) {
    return "http://127.0.0.1:" + server.getAddress().getPort() + path;
  }

  /// @param status by the number of the call to this path, from 1; 0 to be silent
  public void answers(String path, IntUnaryOperator status) {
    answers.put(path, status);
  }

  public List<Received> calls(String path) {
    return calls.stream().filter(call -> call.path().equals(path)).toList();
  }

  /// What all calls to a path say, which must be the same under the same id.
  public JsonNode onlyEvent(String path) {
    List<Received> calls = calls(path);
    assertEquals(1, calls.stream().map(Received::id).distinct().count(), calls::toString);
    List<String> bodies = calls.stream().map(Received::body).distinct().toList();
    assertEquals(1, bodies.size(), bodies::toString);
    return JsonMapper.shared().readTree(bodies.getFirst());
  }

  private void take(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().toString();
    var headers = exchange.getRequestHeaders();
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    int number;
    synchronized (calls) {
      calls.add(
          new Received(
              path,
              headers.getFirst("webhook-id"),
              headers.getFirst("webhook-timestamp"),
              headers.getFirst("webhook-signature"),
              body));
      number = calls(path).size();
    }
    int status = answers.getOrDefault(path, _ -> 204).applyAsInt(number);
    if (status == 0) {
      silence();
    }
    exchange.sendResponseHeaders(status == 0 ? 503 : status, -1);
    exchange.close();
  }

  private void silence() {
    try {
      released.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    released.countDown();
    server.stop(0);
    threads.shutdownNow();
  }
}
