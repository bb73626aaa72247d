package dev.sluice.ledgercheck.mock;

import dev.sluice.ledgercheck.core.Call;
import dev.sluice.ledgercheck.core.ContentHash;
import dev.sluice.ledgercheck.core.FaultMix;
import dev.sluice.ledgercheck.core.Marker;
import dev.sluice.ledgercheck.core.PriceTable;
import dev.sluice.ledgercheck.core.ProviderFault;
import dev.sluice.ledgercheck.ledger.LedgerFile;
import dev.sluice.ledgercheck.ledger.LedgerFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// An OpenAI-compatible provider that keeps a ledger: a call is on file before its first byte is
/// answered, and its end when it is known.
///
/// Below `/first` it is another provider of the same kind, which can be down as a whole.
///
/// One virtual thread a connection. `PUT /control/faults` changes the mix of faults; `GET
/// /control/calls` tells how many calls came.
public final class MockProvider implements AutoCloseable {
  private static final String OK = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n";
  private static final List<String> JOB_HEADERS =
      List.of(
          "sluice-job", "x-sluice-job", "x-request-id", "x-client-request-id", "idempotency-key");

  private static final String FIRST = "/first";
  private static final String MODELS = "GET /v1/models";

  private final JsonMapper json = new JsonMapper();
  private final ServerSocket server;
  private final Draws draws;
  private final LedgerFile begun;
  private final LedgerFile ended;
  private final AtomicInteger calls = new AtomicInteger();
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private volatile boolean firstIsDown;

  /// Begins to serve on a loopback port; 0 picks a free one.
  public MockProvider(int port, LedgerFolder ledgers, long seed, FaultMix faults)
      throws IOException {
    draws = new Draws(seed, faults);
    begun = new LedgerFile(ledgers.calls());
    ended = new LedgerFile(ledgers.callEnds());
    server = new ServerSocket();
    server.setReuseAddress(true);
    server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1024);
    Thread.ofVirtual().name("mock-accept").start(this::accept);
  }

  /// Where providers' paths begin, `/v1` included.
  public URI baseUrl() {
    return URI.create("http://127.0.0.1:" + server.getLocalPort() + "/v1");
  }

  /// The same of the provider that can be down.
  public URI firstBaseUrl() {
    return URI.create("http://127.0.0.1:" + server.getLocalPort() + FIRST + "/v1");
  }

  /// Whether the provider below `/first` answers everything with 503.
  public void setFirstIsDown(boolean down) {
    firstIsDown = down;
  }

  public int calls() {
    return calls.get();
  }

  public void setFaults(FaultMix faults) {
    draws.setFaults(faults);
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        open.add(socket);
        Thread.ofVirtual().name("mock-connection").start(() -> serve(socket));
      } catch (IOException e) {
        if (!server.isClosed()) {
          throw new UncheckedIOException("the mock provider cannot accept", e);
        }
      }
    }
  }

  private void serve(Socket socket) {
    try (Wire wire = new Wire(socket)) {
      Optional<Wire.Request> request = wire.read();
      while (request.isPresent()) {
        respond(wire, request.get());
        request = socket.isClosed() ? Optional.empty() : wire.read();
      }
    } catch (IOException e) {
      // A caller that was killed resets its connections: the ledger has the end of its calls.
      System.Logger.Level level = System.Logger.Level.DEBUG;
      System.getLogger("mock").log(level, "a connection broke", e);
    } finally {
      open.remove(socket);
    }
  }

  private void respond(Wire wire, Wire.Request request) throws IOException {
    boolean down = firstIsDown && request.path().startsWith(FIRST);
    String path = request.path().replaceFirst("^" + FIRST, "");
    switch (request.method() + " " + path) {
      case "POST /v1/chat/completions" -> chat(wire, request, down);
      case MODELS -> {
        if (down) {
          wire.send("HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n");
        } else {
          ok(wire, AnswerText.models(PriceTable.MODELS));
        }
      }
      case "GET /control/calls" -> ok(wire, "{\"calls\": " + calls.get() + "}");
      case "PUT /control/faults" -> {
        setFaults(json.readValue(request.body(), FaultMix.class));
        ok(wire, "{}");
      }
      default -> wire.send("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n");
    }
  }

  private static void ok(Wire wire, String body) throws IOException {
    wire.send(OK + "content-length: " + body.length() + "\r\n\r\n" + body);
  }

  private void chat(Wire wire, Wire.Request request, boolean down) throws IOException {
    JsonNode asked;
    try {
      asked = json.readTree(request.body());
    } catch (JacksonException e) {
      wire.send("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n");
      return;
    }
    String prompt = asked.path("messages").toString();
    String marker = Marker.in(prompt).orElse("");
    Draws.Draw draw = draws.next(promptTokens(asked), Marker.ofQuestion(marker));
    List<String> pieces = AnswerText.pieces(marker, draw.nonce(), draw.tokens().completion());
    Call call =
        new Call(
            "call-%06d".formatted(calls.incrementAndGet()),
            Instant.now(),
            marker,
            jobHeader(request),
            asked.path("model").asString(""),
            asked.path("stream").asBoolean(false),
            draw.tokens(),
            draw.nonce(),
            ContentHash.of(String.join("", pieces)),
            down ? ProviderFault.OUTAGE : draw.fault(),
            request.header("authorization").orElse("").replaceFirst("^Bearer ", ""),
            Call.Ended.NEVER);
    begun.append(call);
    boolean usageAsked = asked.path("stream_options").path("include_usage").asBoolean(false);
    Call.Ended end =
        new AnsweredCall(wire, call, pieces, down ? Duration.ZERO : draw.latency(), usageAsked)
            .play();
    ended.append(new LedgerFolder.CallEnd(call.id(), end));
  }

  /// Four characters of text a token: what an estimate is measured against.
  private static long promptTokens(JsonNode asked) {
    long characters = 0;
    for (JsonNode message : asked.path("messages")) {
      characters += message.path("content").asString("").length();
    }
    return Math.max(8, (characters + 3) / 4);
  }

  private static Optional<String> jobHeader(Wire.Request request) {
    return JOB_HEADERS.stream()
        .flatMap(name -> request.header(name).stream())
        .filter(value -> value.startsWith("job_"))
        .findFirst();
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (Socket socket : open) {
      socket.close();
    }
    begun.close();
    ended.close();
  }
}
