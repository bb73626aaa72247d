package dev.sluice.ingress.http;

import dev.sluice.contract.avro.ComparedRoute;
import dev.sluice.contract.avro.CostBucket;
import dev.sluice.contract.avro.QuotaReading;
import dev.sluice.contract.avro.QuotaState;
import dev.sluice.contract.model.Policy;
import dev.sluice.contract.model.Priority;
import dev.sluice.contract.model.Scope;
import dev.sluice.contract.model.TokenKind;
import dev.sluice.ingress.IngressConfig;
import dev.sluice.ingress.blob.BlobPlace;
import dev.sluice.ingress.callback.CallbackSettings;
import dev.sluice.ingress.core.KeyRing;
import dev.sluice.ingress.core.QueuePlace;
import dev.sluice.ingress.log.QuotaLog;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// The HTTP side of an ingress over a log in memory, with two tenants.
final class HttpFixture implements BeforeEachCallback, AfterEachCallback {
  static final String KEY = "sk-acme-all";
  static final String READ_ONLY = "sk-acme-read";
  static final String FOREIGN = "sk-other";
  static final int MAX_BODY_BYTES = 64 * 1024;
  static final long MAX_FILE_BYTES = 4 * 1024 * 1024;

  final MemoryLog log = new MemoryLog();
  final MemoryStorage storage = new MemoryStorage();
  final List<ComparedRoute> compared = new CopyOnWriteArrayList<>();
  final List<CostBucket> buckets = new CopyOnWriteArrayList<>();
  final List<QueuePlace.Line> lines = new CopyOnWriteArrayList<>();
  final MemoryControls controls = new MemoryControls();
  final MemoryCallbacks callbacks = new MemoryCallbacks();
  private final HttpClient client = HttpClient.newHttpClient();
  private final IngressConfig config;
  private IngressHttp http;

  HttpFixture() {
    this(IngressConfig.Timing.DEFAULT);
  }

  HttpFixture(IngressConfig.Timing timing) {
    config =
        new IngressConfig(
            "127.0.0.1",
            0,
            List.of(),
            new IngressConfig.Limits(MAX_BODY_BYTES, 32 * 1024, 1_000),
            timing,
            2,
            new IngressConfig.Storage(
                new BlobPlace.Folder(Path.of("target", "blobs-of-tests")),
                Duration.ofDays(1),
                MAX_FILE_BYTES,
                Optional.empty(),
                Duration.ofHours(24)),
            CallbackSettings.NONE);
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    Policy policy = policy();
    KeyRing keys = KeyRing.of(policy, Optional::of);
    http =
        new IngressHttp(
            new Surroundings(
                config,
                log,
                (_, _, _) -> buckets,
                (_, _) -> compared,
                new Storage(storage, storage, config.storage().blobs().open(), storage.keys),
                (_, _) -> lines,
                new NoQuotas(),
                controls,
                callbacks.port(),
                () -> policy,
                new SimpleMeterRegistry(),
                Clock.systemUTC()),
            () -> keys);
    http.start();
  }

  @Override
  public void afterEach(ExtensionContext context) {
    http.close();
    client.close();
  }

  IngressHttp http() {
    return http;
  }

  private static Policy policy() {
    Set<Scope> all = EnumSet.allOf(Scope.class);
    Policy.Tenant acme =
        new Policy.Tenant(
            "acme",
            List.of(
                new Policy.ApiKey("all", KEY, all),
                new Policy.ApiKey("read", READ_ONLY, Set.of(Scope.READ))),
            Map.of(Priority.INTERACTIVE, 1),
            Policy.OnCrash.RETRY,
            3);
    Policy.Tenant other =
        new Policy.Tenant(
            "other",
            List.of(new Policy.ApiKey("one", FOREIGN, all)),
            Map.of(),
            Policy.OnCrash.RETRY,
            3);
    Policy.Model fast =
        new Policy.Model(
            "fast", Optional.empty(), List.of(new Policy.Route("sim", "m", 1)), List.of());
    Policy.Price price =
        new Policy.Price(
            "v1",
            "sim",
            "m",
            Instant.EPOCH,
            Map.of(TokenKind.INPUT, BigDecimal.ONE, TokenKind.OUTPUT, BigDecimal.TWO));
    return new Policy(
        1,
        Map.of("acme", acme, "other", other),
        Map.of("sim", simulated()),
        Map.of("fast", fast),
        List.of(price));
  }

  private static Policy.Pool simulated() {
    return new Policy.Pool(
        "sim",
        Policy.ProviderKind.SIMULATED,
        List.of(),
        Optional.empty(),
        8,
        Policy.Timeouts.DEFAULT,
        Set.of("chat"),
        Policy.Simulation.DEFAULT);
  }

  HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + path))
        .timeout(Duration.ofSeconds(20))
        .header("Authorization", "Bearer " + KEY);
  }

  HttpResponse<String> get(String path, String... headers) throws Exception {
    return send(with(request(path), headers).build());
  }

  CompletableFuture<HttpResponse<String>> getting(String path) {
    return sending(request(path).build());
  }

  HttpResponse<String> post(String path, String body, String... headers) throws Exception {
    return posted(path, body, headers).get();
  }

  CompletableFuture<HttpResponse<String>> posted(String path, String body, String... headers) {
    HttpRequest.Builder request =
        request(path)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body));
    return sending(with(request, headers).build());
  }

  HttpResponse<java.io.InputStream> stream(HttpRequest request) throws Exception {
    return client.send(request, HttpResponse.BodyHandlers.ofInputStream());
  }

  /// Every answer is held against the published description of the API.
  HttpResponse<String> send(HttpRequest request) throws Exception {
    return Conformance.checked(client.send(request, HttpResponse.BodyHandlers.ofString()));
  }

  private CompletableFuture<HttpResponse<String>> sending(HttpRequest request) {
    return client
        .sendAsync(request, HttpResponse.BodyHandlers.ofString())
        .thenApply(Conformance::checked);
  }

  private static HttpRequest.Builder with(HttpRequest.Builder request, String... headers) {
    for (int i = 0; i < headers.length; i += 2) {
      request.setHeader(headers[i], headers[i + 1]);
    }
    return request;
  }

  int port() {
    return http.address().getPort();
  }

  /// Sends bytes as they are and reads until the server closes or is silent for a second.
  String raw(String text) throws IOException {
    try (Socket socket = new Socket("127.0.0.1", port())) {
      try {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().flush();
      } catch (java.net.SocketException e) {
        // The server did not read to the end; it may have answered all the same.
        return rest(socket);
      }
      return rest(socket);
    }
  }

  /// What the server says until it closes or is silent for a second.
  String rest(Socket socket) throws IOException {
    socket.setSoTimeout(1_000);
    StringBuilder answer = new StringBuilder();
    try {
      for (String more = some(socket); !more.isEmpty(); more = some(socket)) {
        answer.append(more);
      }
    } catch (java.net.SocketTimeoutException e) {
      answer.append("\n<open>");
    } catch (java.net.SocketException e) {
      answer.append("\n<reset>");
    }
    return answer.toString();
  }

  /// What the server says next; empty when it has closed.
  String some(Socket socket) throws IOException {
    byte[] buffer = new byte[8_192];
    int count = socket.getInputStream().read(buffer);
    return count < 0 ? "" : new String(buffer, 0, count, StandardCharsets.ISO_8859_1);
  }

  /// Of a tenant without limits.
  private static final class NoQuotas implements QuotaLog {
    @Override
    public Optional<QuotaState> of(String tenant) {
      return Optional.empty();
    }

    @Override
    public List<QuotaReading> ofValues(String tenant, String after, int most) {
      return List.of();
    }

    @Override
    public Optional<QuotaReading> ofValue(String tenant, String limit) {
      return Optional.empty();
    }
  }
}
