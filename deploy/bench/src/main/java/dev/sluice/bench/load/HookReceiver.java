package dev.sluice.bench.load;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Receives callbacks, answers each at once, and notes when each job's came first.
public final class HookReceiver implements AutoCloseable {
  private static final Pattern JOB = Pattern.compile("\"id\":\"(job_[0-9a-z]{26})\"");
  private static final int NO_CONTENT = 204;

  private final HttpServer server;
  private final Map<String, Long> receivedAt = new ConcurrentHashMap<>();
  private final LongAdder calls = new LongAdder();

  public HookReceiver() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1024);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/hook", this::take);
    server.start();
  }

  public URI url() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/hook");
  }

  private void take(HttpExchange call) throws IOException {
    long now = System.currentTimeMillis();
    try (call) {
      String body = new String(call.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      Matcher job = JOB.matcher(body);
      if (job.find()) {
        receivedAt.putIfAbsent(job.group(1), now);
      }
      calls.increment();
      call.sendResponseHeaders(NO_CONTENT, -1);
    }
  }

  /// When each job's first callback came, milliseconds of [System#currentTimeMillis()].
  public Map<String, Long> receivedAt() {
    return new HashMap<>(receivedAt);
  }

  /// Callbacks so far, repeats too.
  public long calls() {
    return calls.sum();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
