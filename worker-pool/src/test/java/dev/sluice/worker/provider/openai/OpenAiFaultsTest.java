package dev.sluice.worker.provider.openai;

import static dev.sluice.worker.provider.Answers.broken;
import static dev.sluice.worker.provider.Answers.chat;
import static dev.sluice.worker.provider.Answers.complete;
import static dev.sluice.worker.provider.Upstreams.chunk;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sluice.contract.model.Policy;
import dev.sluice.contract.model.TokenKind;
import dev.sluice.worker.core.Cause;
import dev.sluice.worker.core.TokenUsage;
import dev.sluice.worker.provider.Answers;
import dev.sluice.worker.provider.Cancellation;
import dev.sluice.worker.provider.MockUpstream;
import dev.sluice.worker.provider.Provider;
import dev.sluice.worker.provider.ProviderAnswer;
import dev.sluice.worker.provider.Upstreams;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Every way in which an upstream may misbehave, and what the router is told of it.
class OpenAiFaultsTest {
  private static final String PROMPT = "{\"model\":\"m\",\"messages\":[{\"content\":\"hello\"}]}";
  private static final String OK_START = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n";

  private final Upstreams fixture = new Upstreams();
  private final Answers sink = new Answers();
  private final Cancellation cancellation = new Cancellation();

  @AfterEach
  void close() throws Exception {
    fixture.close();
  }

  static Stream<Arguments> whole() {
    return Stream.of(
        fault("P04 reset before headers", c -> c.reset(), Cause.DOWN),
        fault("P04 closed before headers", c -> fail(), Cause.DOWN),
        fault(
            "P06 reset in the middle of the body",
            c -> {
              c.raw(OK_START + "content-length: 1000\r\n\r\n{\"choices\":[");
              c.reset();
            },
            Cause.DOWN),
        fault(
            "P06 body shorter than promised",
            c -> {
              c.raw(OK_START + "content-length: 1000\r\n\r\n{\"choices\":[]}");
              fail();
            },
            Cause.DOWN),
        fault("P10 malformed JSON", c -> c.json(200, "{\"choices\":[}"), Cause.BAD_ANSWER),
        fault("P10 trailing text", c -> c.json(200, "{\"choices\":[]} x"), Cause.BAD_ANSWER),
        fault("P10 not an object", c -> c.json(200, "[1]"), Cause.BAD_ANSWER),
        fault("P10 empty body", c -> c.json(200, ""), Cause.BAD_ANSWER),
        fault("P10 no content", c -> c.json(200, "{\"ok\":true}"), Cause.BAD_ANSWER),
        fault(
            "P12 wrong content type",
            c -> c.whole(200, "text/html", utf8("{\"choices\":[]}")),
            Cause.BAD_ANSWER),
        fault(
            "P13 invalid UTF-8",
            c -> {
              byte[] body = utf8("{\"choices\":[],\"x\":\"??\"}");
              body[body.length - 4] = (byte) 0xC3;
              body[body.length - 3] = (byte) 0x28;
              c.whole(200, "application/json", body);
            },
            Cause.BAD_ANSWER),
        fault(
            "P14 status 200 with an error",
            c -> c.json(200, "{\"error\":{\"message\":\"x\",\"code\":\"rate_limit_exceeded\"}}"),
            Cause.THROTTLED),
        fault(
            "P15 too large",
            c -> c.json(200, "{\"choices\":[\"" + "x".repeat(2 * 1024 * 1024) + "\"]}"),
            Cause.TOO_LONG),
        fault(
            "P17 endless headers",
            c -> {
              c.raw("HTTP/1.1 200 OK\r\n");
              for (int i = 0; i < 1_000_000; i++) {
                c.raw("x-h" + i + ": y\r\n");
              }
            },
            Cause.DOWN),
        fault(
            "P18 compressed answer",
            c ->
                c.whole(
                    200, "application/json", gzip(new byte[1_000_000]), "content-encoding: gzip"),
            Cause.BAD_ANSWER),
        fault(
            "P22 redirect",
            c -> c.json(307, "", "location: http://127.0.0.1:1/elsewhere"),
            Cause.BAD_ANSWER),
        fault("not HTTP", c -> c.raw("SSH-2.0-x\r\n\r\n"), Cause.DOWN));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("whole")
  void saysWhyAnAnswerCannotBeUsed(String name, MockUpstream.Script script, Cause cause)
      throws Exception {
    ProviderAnswer answer = call(script, Upstreams.patient(), false);

    assertEquals(cause, broken(cause, answer).failure().cause(), name);
  }

  static Stream<Arguments> streams() {
    return Stream.of(
        fault(
            "P07 reset in the middle",
            c -> {
              c.beginStream();
              c.event(chunk("a", null));
              c.reset();
            },
            Cause.DOWN),
        fault(
            "P11 ended without an end",
            c -> {
              c.beginStream();
              c.event(chunk("a", null));
              c.endStream();
            },
            Cause.DOWN),
        fault(
            "P11 last event cut",
            c -> {
              c.beginStream();
              c.piece("data: " + chunk("a", "stop"));
              c.endStream();
            },
            Cause.DOWN),
        fault(
            "P10 chunk is not JSON",
            c -> {
              c.beginStream();
              c.event("hello");
              c.endStream();
            },
            Cause.BAD_ANSWER),
        fault(
            "P12 JSON in place of a stream",
            c -> c.json(200, "{\"choices\":[]}"),
            Cause.BAD_ANSWER),
        fault(
            "P14 error inside the stream",
            c -> {
              c.beginStream();
              c.event(chunk("a", null));
              c.event("{\"error\":{\"type\":\"server_error\"}}");
              c.silence();
            },
            Cause.DOWN),
        fault(
            "P16 endless event",
            c -> {
              c.beginStream();
              c.piece("data: ");
              while (true) {
                c.piece("x".repeat(64 * 1024));
              }
            },
            Cause.TOO_LONG),
        fault(
            "P16 endless stream",
            c -> {
              c.beginStream();
              while (true) {
                c.event(chunk("x".repeat(16 * 1024), null));
              }
            },
            Cause.TOO_LONG));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("streams")
  void saysWhyAStreamCannotBeUsed(String name, MockUpstream.Script script, Cause cause)
      throws Exception {
    ProviderAnswer answer = call(script, Upstreams.patient(), true);

    assertEquals(cause, broken(cause, answer).failure().cause(), name);
  }

  @Test
  void acceptsAStreamThatSaidItAllButNotHowMuchItCost() throws Exception {
    CompletableFuture<Void> arrived = new CompletableFuture<>();
    sink.onChunk = () -> arrived.complete(null);

    ProviderAnswer answer =
        call(
            (_, c) -> {
              c.beginStream();
              c.event(chunk("all", "stop"));
              arrived.get(10, TimeUnit.SECONDS);
              c.reset();
            },
            Upstreams.patient(),
            true);

    assertEquals(TokenUsage.Source.ESTIMATED, complete(answer).usage().source());
  }

  @Test
  void refusedConnectionIsDownAndCostsNothing() throws Exception {
    URI closed;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      closed = URI.create("http://127.0.0.1:" + socket.getLocalPort() + "/v1");
    }
    Provider provider = fixture.provider(closed, Upstreams.patient(), Optional.empty());

    var failed = broken(Cause.DOWN, provider.call(chat(PROMPT, false), sink, cancellation));

    assertEquals(0, failed.usage().total());
    assertEquals(0, failed.failure().providerStatus());
  }

  static Stream<Arguments> doubtfulUsage() {
    return Stream.of(
        Arguments.of("P19 missing", ""),
        Arguments.of("P19 null", ",\"usage\":null"),
        Arguments.of("P20 negative", ",\"usage\":{\"prompt_tokens\":-5,\"completion_tokens\":2}"),
        Arguments.of(
            "P21 overflowing",
            ",\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":99999999999999999999}"),
        Arguments.of(
            "P21 contradicting",
            ",\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":2,"
                + "\"prompt_tokens_details\":{\"cached_tokens\":6}}"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("doubtfulUsage")
  void estimatesWhereTheReportedUsageCannotBeTrusted(String name, String usage) throws Exception {
    String body = "{\"choices\":[{\"message\":{\"content\":\"twelve chars\"}}]" + usage + "}";

    var answer = complete(call((_, c) -> c.json(200, body), Upstreams.patient(), false));

    assertEquals(TokenUsage.Source.ESTIMATED, answer.usage().source(), name);
    assertEquals(3, answer.usage().count(TokenKind.OUTPUT));
    assertEquals(body, Answers.text(answer.body()));
  }

  @Test
  void passesUnknownMembersOnByteExact() throws Exception {
    String body = "{ \"x\" : 1.0e2 ,\"choices\":[{\"vendor\":\"\\u00e9\"}]}\n";

    var answer = complete(call((_, c) -> c.json(200, body), Upstreams.patient(), false));

    assertEquals(body, Answers.text(answer.body()));
  }

  private ProviderAnswer call(MockUpstream.Script script, Policy.Timeouts timeouts, boolean stream)
      throws Exception {
    return fixture
        .provider(fixture.upstream(script), timeouts)
        .call(chat(PROMPT, stream), sink, cancellation);
  }

  private interface Answering {
    void answer(MockUpstream.Connection connection) throws Exception;
  }

  private static Arguments fault(String name, Answering answering, Cause cause) {
    MockUpstream.Script script = (_, connection) -> answering.answer(connection);
    return Arguments.of(name, script, cause);
  }

  private static void fail() throws IOException {
    throw new IOException("the script closes the connection");
  }

  private static byte[] gzip(byte[] plain) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
      gzip.write(plain);
    }
    return bytes.toByteArray();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
