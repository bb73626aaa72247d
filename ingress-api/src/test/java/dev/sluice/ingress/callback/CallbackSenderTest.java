package dev.sluice.ingress.callback;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.sluice.ingress.core.callback.AttemptAnswer;
import dev.sluice.ingress.core.callback.CallbackUrl;
import dev.sluice.ingress.core.callback.Networks;
import dev.sluice.ingress.core.callback.UrlGuard;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CallbackSenderTest {
  private static final byte[] BODY = "{}".getBytes(StandardCharsets.UTF_8);

  private final List<String> seen = new CopyOnWriteArrayList<>();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private HttpServer server;
  private CallbackSender sender;

  @BeforeEach
  void begin() throws Exception {
    server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
    sender = sender(Networks.of(List.of("127.0.0.1/32")));
  }

  private CallbackSender sender(Networks allowed) throws Exception {
    return new CallbackSender(
        new UrlGuard(allowed),
        host ->
            switch (host) {
              case "receiver.test" -> List.of(InetAddress.ofLiteral("127.0.0.1"));
              case "inside.test" -> List.of(InetAddress.ofLiteral("10.0.0.1"));
              case "both.test" ->
                  List.of(InetAddress.ofLiteral("127.0.0.1"), InetAddress.ofLiteral("10.0.0.1"));
              default -> throw new UnknownHostException(host);
            },
        SSLContext.getDefault(),
        new CallbackSender.Limits(Duration.ofSeconds(2), Duration.ofSeconds(2)),
        Clock.systemUTC());
  }

  @AfterEach
  void end() {
    sender.close();
    server.stop(0);
    threads.shutdownNow();
  }

  private void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().toString();
    seen.add(
        exchange.getRequestMethod()
            + " "
            + path
            + " "
            + exchange.getRequestHeaders().getFirst("Host")
            + " "
            + exchange.getRequestHeaders().getFirst("webhook-id")
            + " "
            + new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
    switch (path) {
      case "/redirect" -> {
        exchange.getResponseHeaders().add("Location", "/target");
        exchange.sendResponseHeaders(302, -1);
      }
      case "/busy" -> {
        exchange.getResponseHeaders().add("Retry-After", "7");
        exchange.sendResponseHeaders(429, -1);
      }
      case "/large" -> {
        exchange.sendResponseHeaders(200, 0);
        byte[] block = new byte[64 * 1024];
        for (int i = 0; i < 64; i++) {
          exchange.getResponseBody().write(block);
        }
      }
      default -> exchange.sendResponseHeaders(204, -1);
    }
    exchange.close();
  }

  private AttemptAnswer send(String url) {
    return sender.send(CallbackUrl.parse(url).orElseThrow(), Map.of("webhook-id", "evt_1"), BODY);
  }

  private String url(String host, String path) {
    return "http://" + host + ":" + server.getAddress().getPort() + path;
  }

  private static AttemptAnswer answered(int status) {
    return new AttemptAnswer.Answered(status, Optional.empty());
  }

  @Test
  void postsToTheCheckedAddressUnderTheHostsName() {
    assertEquals(answered(204), send(url("receiver.test", "/hook?a=b")));
    assertEquals(answered(204), send(url("127.0.0.1", "/hook")));

    assertEquals(
        "POST /hook?a=b receiver.test:" + server.getAddress().getPort() + " evt_1 {}",
        seen.getFirst());
  }

  @Test
  void followsNoRedirect() {
    assertEquals(answered(302), send(url("receiver.test", "/redirect")));
    assertEquals(1, seen.size());
  }

  @Test
  void tellsHowLongAReceiverWantsToBeLeftAlone() {
    assertEquals(
        new AttemptAnswer.Answered(429, Optional.of(Duration.ofSeconds(7))),
        send(url("receiver.test", "/busy")));
  }

  @Test
  void doesNotReadAnAnswerWithoutEnd() {
    assertEquals(answered(200), send(url("receiver.test", "/large")));
    assertEquals(answered(204), send(url("receiver.test", "/hook")));
  }

  @Test
  void connectsToNoAddressThatIsDenied() throws Exception {
    AttemptAnswer denied = new AttemptAnswer.Failed("no_permitted_address", false);

    assertEquals(denied, send(url("inside.test", "/")));
    assertEquals(denied, send(url("both.test", "/")));
    try (CallbackSender closed = sender(Networks.NONE)) {
      assertEquals(
          denied,
          closed.send(CallbackUrl.parse(url("receiver.test", "/")).orElseThrow(), Map.of(), BODY));
    }
    assertEquals(List.of(), seen);
  }

  @Test
  void saysWhyThereWasNoAnswer() throws Exception {
    int closedPort;
    try (ServerSocket socket = new ServerSocket(0)) {
      closedPort = socket.getLocalPort();
    }

    assertEquals(
        new AttemptAnswer.Failed("no_permitted_address", false), send("https://unknown.test/"));
    assertEquals(
        new AttemptAnswer.Failed("connection_refused", false),
        send("http://127.0.0.1:" + closedPort + "/"));
    try (ServerSocket plain = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      threads.execute(() -> refuseInPlainText(plain));
      assertEquals(
          new AttemptAnswer.Failed("tls", false),
          send("https://receiver.test:" + plain.getLocalPort() + "/"));
    }
  }

  private static void refuseInPlainText(ServerSocket socket) {
    try (Socket caller = socket.accept()) {
      caller
          .getOutputStream()
          .write("HTTP/1.1 400 Bad\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      caller.getOutputStream().flush();
      var _ = caller.getInputStream().readAllBytes();
    } catch (IOException e) {
      Thread.onSpinWait();
    }
  }

  @Test
  void givesUpOnAReceiverThatDripsItsAnswer() throws Exception {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      threads.execute(() -> drip(socket));
      long began = System.nanoTime();

      AttemptAnswer answer = send("http://127.0.0.1:" + socket.getLocalPort() + "/");

      assertEquals(new AttemptAnswer.Failed("timeout", true), answer);
      assertTrue(Duration.ofNanos(System.nanoTime() - began).toSeconds() < 5);
    }
  }

  private static void drip(ServerSocket socket) {
    try (Socket caller = socket.accept()) {
      byte[] piece = "HTTP/1.1 200 OK\r\nX-A: ".getBytes(StandardCharsets.US_ASCII);
      caller.getOutputStream().write(piece);
      for (int i = 0; i < 100; i++) {
        caller.getOutputStream().write('a');
        caller.getOutputStream().flush();
        java.util.concurrent.locks.LockSupport.parkNanos(50_000_000);
      }
    } catch (IOException e) {
      // The caller has given up.
      Thread.onSpinWait();
    }
  }

  @Test
  void readsBothFormsOfRetryAfter() {
    Instant now = Instant.parse("2026-03-01T10:00:00Z");

    assertEquals(Optional.of(Duration.ofSeconds(120)), CallbackSender.retryAfter(" 120 ", now));
    assertEquals(
        Optional.of(Duration.ofSeconds(30)),
        CallbackSender.retryAfter("Sun, 1 Mar 2026 10:00:30 GMT", now));
    assertEquals(Optional.empty(), CallbackSender.retryAfter("soon", now));
    assertEquals(Optional.empty(), CallbackSender.retryAfter("-5", now));
  }
}
