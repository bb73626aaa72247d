package dev.sluice.contract.serde;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import dev.sluice.contract.serde.SchemaRegistrySettings.Builder;
import dev.sluice.contract.serde.SchemaRegistrySettings.Credentials;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.avro.Schema;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The client against a server that misbehaves on purpose.
class ConfluentSchemaRegistryIT {
  private static final Schema LONG = Schema.create(Schema.Type.LONG);
  private static final String SCHEMA = "{\"schema\":\"\\\"long\\\"\"}";

  private record Answer(int status, String body) {}

  private final Deque<Answer> answers = new ArrayDeque<>();
  private final List<String> calls = new CopyOnWriteArrayList<>();
  private final List<String> authorizations = new CopyOnWriteArrayList<>();
  private final CountDownLatch stalled = new CountDownLatch(1);
  private ExecutorService threads;
  private HttpServer server;
  private URI url;

  @BeforeEach
  void startsAServer() throws IOException {
    threads = Executors.newVirtualThreadPerTaskExecutor();
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext(
        "/",
        exchange -> {
          exchange.getRequestBody().readAllBytes();
          calls.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
          authorizations.add(
              String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
          Answer answer = answers.size() > 1 ? answers.pop() : answers.getFirst();
          byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
          boolean stall = answer.status() == 0;
          exchange.sendResponseHeaders(stall ? 200 : answer.status(), stall ? 1000 : body.length);
          try (OutputStream out = exchange.getResponseBody()) {
            out.write(body);
            if (stall) {
              out.flush();
              stalled.await();
            }
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    server.start();
    url = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/base/");
  }

  @AfterEach
  void stopsTheServer() {
    stalled.countDown();
    server.stop(0);
    threads.close();
  }

  @Test
  void asksOnceForEachSchemaAndId() {
    answers.add(new Answer(200, "{\"id\":7}"));
    answers.add(new Answer(200, SCHEMA));
    try (var registry = client()) {
      for (int i = 0; i < 3; i++) {
        assertEquals(7, registry.register("a b/c", LONG));
      }
      for (int i = 0; i < 3; i++) {
        assertEquals(LONG, registry.byId(7));
      }
    }

    assertEquals(
        List.of("POST /base/subjects/a%20b%2Fc/versions", "GET /base/schemas/ids/7"), calls);
  }

  @ParameterizedTest
  @ValueSource(ints = {408, 429, 500, 502, 503})
  void triesAgainOnWhatMayPass(int status) {
    answers.add(new Answer(status, "{\"error_code\":" + status + ",\"message\":\"later\"}"));
    answers.add(new Answer(status, "<html>not JSON</html>"));
    answers.add(new Answer(200, SCHEMA));

    try (var registry = client()) {
      assertEquals(LONG, registry.byId(1));
    }
    assertEquals(3, calls.size());
  }

  @Test
  void givesUpAfterItsAttempts() {
    answers.add(new Answer(503, "{\"error_code\":50003,\"message\":\"no leader\"}"));

    try (var registry = client()) {
      var failure = assertThrows(SchemaRegistryException.class, () -> registry.byId(1));
      assertTrue(failure.transientFault());
      assertTrue(failure.getMessage().contains("no leader"), failure.getMessage());
    }
    assertEquals(4, calls.size());
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 401, 403, 409, 422})
  void doesNotRepeatWhatWasRefused(int status) {
    answers.add(new Answer(status, "{\"error_code\":" + status + ",\"message\":\"no\"}"));

    try (var registry = client()) {
      var failure = assertThrows(SchemaRegistryException.class, () -> registry.register("s", LONG));
      assertEquals(status, failure.errorCode());
      assertFalse(failure.transientFault());
    }
    assertEquals(1, calls.size());
  }

  @Test
  void remembersAnUnknownIdForAMoment() {
    answers.add(new Answer(404, "{\"error_code\":40403,\"message\":\"Schema 5 not found\"}"));

    try (var registry = client()) {
      for (int i = 0; i < 50; i++) {
        assertThrows(SchemaRegistryException.class, () -> registry.byId(5));
      }
    }
    assertTrue(calls.size() < 5, calls.size() + " calls");
  }

  @Test
  void endsACallWhoseBodyStalls() {
    answers.add(new Answer(0, "{\"sche"));

    try (var registry =
        new ConfluentSchemaRegistry(
            settings(url).requestTimeout(Duration.ofMillis(200)).attempts(1).build())) {
      var failure = assertThrows(SchemaRegistryException.class, () -> registry.byId(1));
      assertTrue(failure.transientFault());
    }
  }

  @Test
  void turnsToTheNextAddressWhenOneIsDownAndStaysThere() throws IOException {
    answers.add(new Answer(200, SCHEMA));
    URI dead;
    try (var closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      dead = URI.create("http://127.0.0.1:" + closed.getLocalPort());
    }

    try (var registry = new ConfluentSchemaRegistry(settings(dead, url).build())) {
      assertEquals(LONG, registry.byId(1));
      assertEquals(LONG, registry.byId(2));
    }
    assertEquals(2, calls.size());
  }

  @Test
  void looksUpInsteadOfRegisteringWhereItMayNot() {
    answers.add(
        new Answer(200, "{\"subject\":\"s\",\"version\":1,\"id\":9,\"schema\":\"\\\"long\\\"\"}"));

    try (var registry = new ConfluentSchemaRegistry(settings(url).autoRegister(false).build())) {
      assertEquals(9, registry.register("s", LONG));
    }
    assertEquals(List.of("POST /base/subjects/s"), calls);
  }

  @Test
  void saysWhoItIs() {
    answers.add(new Answer(200, "[]"));
    var basic = settings(url).credentials(new Credentials.Basic("me", "pässword"));
    var bearer = settings(url).credentials(new Credentials.Bearer("t0ken"));

    try (var one = client();
        var two = new ConfluentSchemaRegistry(basic.build());
        var three = new ConfluentSchemaRegistry(bearer.build())) {
      one.subjects();
      two.subjects();
      three.subjects();
    }

    assertEquals(List.of("null", "Basic bWU6cMOkc3N3b3Jk", "Bearer t0ken"), authorizations);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"{}", "[]", "not JSON", "", "{\"schema\":\"{\"}", "{\"schemaType\":\"JSON\"}"})
  void refusesAnAnswerThatIsNoSchema(String body) {
    answers.add(new Answer(200, body));

    try (var registry = client()) {
      assertThrows(SchemaRegistryException.class, () -> registry.byId(1));
    }
  }

  private ConfluentSchemaRegistry client() {
    return new ConfluentSchemaRegistry(settings(url).build());
  }

  private static Builder settings(URI... urls) {
    return SchemaRegistrySettings.builder(List.of(urls)).backoff(Duration.ofMillis(2));
  }
}
