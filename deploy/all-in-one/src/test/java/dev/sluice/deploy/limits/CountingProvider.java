package dev.sluice.deploy.limits;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A provider that takes its time and remembers how many calls of each model it had, and how many
/// at once. Every answer is 10 tokens to a prompt of 10.
public final class CountingProvider implements AutoCloseable {
  private static final Pattern MODEL = Pattern.compile("\"model\" *: *\"([^\"]+)\"");
  private static final String ANSWER =
      "{\"id\":\"x\",\"object\":\"chat.completion\",\"model\":\"m\",\"choices\":[{\"index\":0,"
          + "\"message\":{\"role\":\"assistant\",\"content\":\"ok\"},\"finish_reason\":\"stop\"}],"
          + "\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":10,\"total_tokens\":20}}";

  /// How long a model works on an answer.
  private static final int WORK_MILLIS = 30;

  private final HttpServer server;
  private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
  private final Map<String, Load> loads = new ConcurrentHashMap<>();

  private static final class Load {
    final AtomicInteger calls = new AtomicInteger();
    final AtomicInteger now = new AtomicInteger();
    final AtomicInteger most = new AtomicInteger();
    final Queue<Runnable> held = new ConcurrentLinkedQueue<>();
    volatile int until;
  }

  public CountingProvider() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 512);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/v1/chat/completions", this::answer);
    server.start();
  }

  public String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/v1";
  }

  public int calls(String model) {
    return load(model).calls.get();
  }

  public int mostAtOnce(String model) {
    return load(model).most.get();
  }

  /// From now on calls of a model end only once so many have run at once.
  public void holdUntil(String model, int calls) {
    load(model).until = calls;
  }

  private Load load(String model) {
    return loads.computeIfAbsent(model, _ -> new Load());
  }

  private void answer(HttpExchange exchange) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    Matcher model = MODEL.matcher(body);
    Load load = load(model.find() ? model.group(1) : "");
    load.calls.incrementAndGet();
    load.most.accumulateAndGet(load.now.incrementAndGet(), Math::max);
    load.held.add(() -> finish(exchange, load));
    if (load.most.get() >= load.until) {
      for (Runnable end = load.held.poll(); end != null; end = load.held.poll()) {
        var _ = clock.schedule(end, WORK_MILLIS, TimeUnit.MILLISECONDS);
      }
    }
  }

  private static void finish(HttpExchange exchange, Load load) {
    load.now.decrementAndGet();
    byte[] answer = ANSWER.getBytes(StandardCharsets.UTF_8);
    try (exchange) {
      exchange.getResponseHeaders().add("content-type", "application/json");
      exchange.sendResponseHeaders(200, answer.length);
      exchange.getResponseBody().write(answer);
    } catch (IOException e) {
      // Its caller was killed.
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    clock.shutdownNow();
  }
}
