package dev.sluice.ledgercheck.client;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.sluice.ledgercheck.core.Account;
import dev.sluice.ledgercheck.core.CostEntry;
import dev.sluice.ledgercheck.core.PriceTable;
import dev.sluice.ledgercheck.core.Tokens;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A gateway of one file that keeps the outward contract as far as the client uses it: what the
/// client makes of it can be tested without Sluice. Never retries; a provider error fails the job.
final class StubSluice implements AutoCloseable {
  private static final JsonMapper JSON = new JsonMapper();

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).executor(threads).build();
  private final URI provider;
  private final String providerKey;
  private final ConcurrentMap<String, Job> jobs = new ConcurrentHashMap<>();
  private final ConcurrentMap<String, Job> byKey = new ConcurrentHashMap<>();
  private final List<CostEntry> costs = new ArrayList<>();
  private final Queue<CompletableFuture<Job>> ended = new ConcurrentLinkedQueue<>();
  private final AtomicInteger ids = new AtomicInteger();

  StubSluice(URI provider, String providerKey) throws IOException {
    this.provider = provider;
    this.providerKey = providerKey;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 256);
    server.setExecutor(threads);
    server.createContext("/v1/chat/completions", this::chat);
    server.createContext("/v1/jobs", this::job);
    server.start();
  }

  private static final class Job {
    final String id;
    final String marker;
    final String tenant;
    final CompletableFuture<String> status = new CompletableFuture<>();
    volatile Optional<JsonNode> result = Optional.empty();
    volatile long chargedPico;

    Job(String id, String marker, String tenant) {
      this.id = id;
      this.marker = marker;
      this.tenant = tenant;
    }
  }

  URI url() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  /// The rows of all that was called, once each call has ended.
  List<CostEntry> costs() {
    ended.forEach(CompletableFuture::join);
    synchronized (this) {
      return List.copyOf(costs);
    }
  }

  /// A key makes one job, however often it is sent.
  private Job made(@Nullable String key, JsonNode body, String tenant) {
    String marker = body.path("tags").path("marker").asString();
    return key == null
        ? submit(body, marker, tenant)
        : byKey.computeIfAbsent(key, _ -> submit(body, marker, tenant));
  }

  private Job submit(JsonNode body, String marker, String tenant) {
    Job job = new Job("job_" + ids.incrementAndGet(), marker, tenant);
    jobs.put(job.id, job);
    Map<String, Object> request =
        Map.of("model", PriceTable.PRICED_MODEL, "messages", body.path("messages"));
    CompletableFuture<HttpResponse<String>> call =
        http.sendAsync(
            HttpRequest.newBuilder(provider.resolve("/v1/chat/completions"))
                .header("authorization", "Bearer " + providerKey)
                .POST(HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(request)))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    // A call that is cancelled while it is answered may say that it was and end well all the same:
    // what it ends with makes its row, one way or the other.
    ended.add(call.handle((response, _) -> end(job, Optional.ofNullable(response))));
    job.status.thenAccept(status -> {
      if (status.equals("cancelled")) {
        call.cancel(true);
      }
    });
    return job;
  }

  /// What becomes of a job once its call has ended, without a response where none came.
  private Job end(Job job, Optional<HttpResponse<String>> response) {
    if (response.isEmpty() || response.get().statusCode() != 200) {
      row(job, CostEntry.ATTEMPT, Map.of(), "UNKNOWN");
      job.status.complete("failed");
      return job;
    }
    JsonNode body = JSON.readTree(response.get().body());
    Map<String, Long> tokens = tokens(body.path("usage")).byKind();
    row(job, CostEntry.ATTEMPT, tokens, "REPORTED");
    job.result = Optional.of(body);
    job.chargedPico = price(tokens);
    // Whoever sees the state also sees the charge.
    if (job.status.complete("succeeded")) {
      row(job, CostEntry.CHARGE, tokens, "REPORTED");
    }
    return job;
  }

  private static Tokens tokens(JsonNode usage) {
    long cached = usage.path("prompt_tokens_details").path("cached_tokens").asLong();
    long reasoning = usage.path("completion_tokens_details").path("reasoning_tokens").asLong();
    return new Tokens(
        usage.path("prompt_tokens").asLong() - cached,
        cached,
        usage.path("completion_tokens").asLong() - reasoning,
        reasoning);
  }

  private synchronized void row(Job job, String kind, Map<String, Long> tokens, String source) {
    boolean attempt = kind.equals(CostEntry.ATTEMPT);
    costs.add(
        new CostEntry(
            job.id + (attempt ? "/1/1" : ""),
            kind,
            job.id,
            1,
            job.tenant,
            job.marker,
            PriceTable.PRICED_MODEL,
            tokens,
            Optional.of(attempt ? 0 : price(tokens)),
            Optional.of(attempt ? price(tokens) : 0),
            false,
            source,
            Instant.now()));
  }

  private static long price(Map<String, Long> tokens) {
    return PriceTable.OF_THE_CHECK.pico(PriceTable.PRICED_MODEL, tokens).orElseThrow();
  }

  private void chat(HttpExchange exchange) throws IOException {
    JsonNode body = JSON.readTree(exchange.getRequestBody().readAllBytes());
    String tags = exchange.getRequestHeaders().getFirst("x-sluice-tags");
    Job job = submit(body, tags.substring("marker=".length()), tenant(exchange));
    exchange.getResponseHeaders().add("x-request-id", job.id);
    boolean succeeded = job.status.join().equals("succeeded");
    if (!succeeded) {
      send(exchange, 502, Map.of("error", Map.of("message", "provider failed")));
    } else if (body.path("stream").asBoolean(false)) {
      sendText(exchange, 200, stream(job.result.orElseThrow()));
    } else {
      send(exchange, 200, job.result.orElseThrow());
    }
  }

  /// Whose key the caller shows.
  private static String tenant(HttpExchange exchange) {
    String shown = exchange.getRequestHeaders().getFirst("authorization");
    return Arrays.stream(Account.values())
        .filter(account -> shown.equals("Bearer " + account.key()))
        .findFirst()
        .orElseThrow()
        .id();
  }

  private static String stream(JsonNode completion) {
    JsonNode message = completion.path("choices").path(0).path("message");
    Object delta = Map.of("delta", Map.of("content", message.path("content").asString()));
    Object stop = Map.of("delta", Map.of(), "finish_reason", "stop");
    return "data: %s\n\ndata: %s\n\ndata: [DONE]\n\n"
        .formatted(
            JSON.writeValueAsString(Map.of("choices", List.of(delta))),
            JSON.writeValueAsString(Map.of("choices", List.of(stop))));
  }

  private void job(HttpExchange exchange) throws IOException {
    String[] path = exchange.getRequestURI().getPath().split("/");
    Optional<Job> job = Optional.ofNullable(path.length > 3 ? jobs.get(path[3]) : null);
    String action = exchange.getRequestMethod() + (path.length > 4 ? " " + path[4] : "");
    if (path.length == 3 && action.equals("GET")) {
      send(
          exchange,
          200,
          Map.of(
              "data",
              exchange.getRequestURI().getQuery().contains("after")
                  ? List.of()
                  : jobs.values().stream()
                      .filter(each -> each.tenant.equals(tenant(exchange)))
                      .map(StubSluice::view)
                      .toList()));
    } else if (path.length == 3) {
      JsonNode body = JSON.readTree(exchange.getRequestBody().readAllBytes());
      Job made =
          made(exchange.getRequestHeaders().getFirst("Idempotency-Key"), body, tenant(exchange));
      boolean waits = exchange.getRequestHeaders().containsKey("Prefer");
      if (waits) {
        made.status.join();
      }
      send(exchange, waits ? 200 : 202, view(made));
    } else if (job.isEmpty()) {
      send(exchange, 404, Map.of("code", "not_found"));
    } else {
      if (action.equals("POST cancel")) {
        job.get().status.complete("cancelled");
      }
      if (action.equals("GET events") || exchange.getRequestURI().getQuery() != null) {
        job.get().status.join();
      }
      if (action.equals("GET events")) {
        String status = job.get().status.join();
        sendText(
            exchange,
            200,
            "id: 1\nevent: job.queued\ndata: {\"status\":\"queued\"}\n\nid: 2\nevent: job.%s\ndata: %s\n\n"
                .formatted(status, JSON.writeValueAsString(view(job.get()))));
      } else {
        send(exchange, 200, view(job.get()));
      }
    }
  }

  private static Map<String, Object> view(Job job) {
    Map<String, Object> view = new LinkedHashMap<>();
    String status = job.status.getNow("running");
    view.put("id", job.id);
    view.put("status", status);
    if (status.equals("succeeded")) {
      view.put("result", job.result.orElseThrow());
      String charged = BigDecimal.valueOf(job.chargedPico, 12).toPlainString();
      view.put("cost", Map.of("charged_usd", charged, "owed_usd", charged, "unpriced", false));
    }
    return view;
  }

  private static void send(HttpExchange exchange, int status, Object body) throws IOException {
    sendText(exchange, status, JSON.writeValueAsString(body));
  }

  private static void sendText(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length);
    try (exchange) {
      exchange.getResponseBody().write(bytes);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    http.shutdownNow();
    threads.shutdownNow();
  }
}
