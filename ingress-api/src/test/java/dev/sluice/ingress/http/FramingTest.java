package dev.sluice.ingress.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.ingress.IngressConfig;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Raw requests that two readers could take for different things, or that would keep a server busy.
/// Each is followed by a second request on the same connection, which must not be served: the two
/// ends may not agree where the first one ended.
class FramingTest {
  private static final String KEY = "Authorization: Bearer " + HttpFixture.KEY + "\r\n";
  private static final String NEXT = "GET /v1/models HTTP/1.1\r\nHost: smuggled\r\n" + KEY + "\r\n";
  private static final String CHUNKED = "Transfer-Encoding: chunked\r\n";

  @RegisterExtension
  final HttpFixture fixture =
      new HttpFixture(
          new IngressConfig.Timing(
              Duration.ofMinutes(10),
              Duration.ofHours(24),
              Duration.ofSeconds(5),
              Duration.ofSeconds(30),
              Duration.ofSeconds(15),
              Duration.ofMillis(300),
              Duration.ofSeconds(1)));

  static Stream<Arguments> bodies() {
    return Stream.of(
        probe("length and chunks", 400, post("Content-Length: 4\r\n" + CHUNKED)),
        probe("chunks and length", 400, post(CHUNKED + "Content-Length: 4\r\n")),
        probe("two lengths", 400, post("Content-Length: 4\r\nContent-Length: 5\r\n")),
        probe("two equal lengths", 400, post("Content-Length: 2\r\nContent-Length: 2\r\n")),
        probe("list of lengths", 400, post("Content-Length: 2, 2\r\n")),
        probe("length in words", 400, post("Content-Length: two\r\n")),
        probe("length in hex", 400, post("Content-Length: 0x2\r\n")),
        probe("negative length", 400, post("Content-Length: -2\r\n")),
        probe("signed length", 400, post("Content-Length: +2\r\n")),
        probe("empty length", 400, post("Content-Length:\r\n")),
        probe("length of 19 digits", 400, post("Content-Length: 9223372036854775808\r\n")),
        probe("unknown coding", 501, post("Transfer-Encoding: gzip\r\n")),
        probe("coding after chunked", 501, post("Transfer-Encoding: chunked, identity\r\n")),
        probe("coding before chunked", 501, post("Transfer-Encoding: gzip, chunked\r\n")),
        probe("coding like chunked", 501, post("Transfer-Encoding: xchunked\r\n")),
        probe("coding with a control", 400, post("Transfer-Encoding: chunked\u000b\r\n")),
        probe("chunked twice", 400, post(CHUNKED + CHUNKED)),
        probe("chunks in HTTP/1.0", 400, post(CHUNKED).replace("HTTP/1.1", "HTTP/1.0")),
        probe("chunk size in words", 400, post(CHUNKED) + "zz\r\n"),
        probe("negative chunk size", 400, post(CHUNKED) + "-2\r\n"),
        probe("prefixed chunk size", 400, post(CHUNKED) + "0x2\r\n"),
        probe("empty chunk size", 400, post(CHUNKED) + "\r\n"),
        probe("chunk size of 17 digits", 400, post(CHUNKED) + "10000000000000002\r\n"),
        probe("blank before a chunk size", 400, post(CHUNKED) + " 2\r\n{}\r\n0\r\n\r\n"),
        probe("blank after a chunk size", 400, post(CHUNKED) + "2 \r\n{}\r\n0\r\n\r\n"),
        probe("chunk extension", 400, post(CHUNKED) + "2;a=b\r\n{}\r\n0\r\n\r\n"),
        probe("bare LF after a chunk size", 400, post(CHUNKED) + "2\n{}\r\n0\r\n\r\n"),
        probe("bare CR after a chunk size", 400, post(CHUNKED) + "2\r{}\r\n0\r\n\r\n"),
        probe("bare LF after a chunk", 400, post(CHUNKED) + "2\r\n{}\n0\r\n\r\n"),
        probe("chunk longer than said", 400, post(CHUNKED) + "1\r\n{}\r\n0\r\n\r\n"),
        probe("bare LF after the last chunk", 400, post(CHUNKED) + "2\r\n{}\r\n0\n\n"),
        probe("trailer", 400, post(CHUNKED) + "2\r\n{}\r\n0\r\nX: y\r\n\r\n"),
        probe("compressed", 415, post("Content-Length: 2\r\nContent-Encoding: gzip\r\n") + "{}"));
  }

  static Stream<Arguments> lines() {
    return Stream.of(
        probe("another protocol", 400, NEXT.replace("HTTP/1.1", "ICY/1.1")),
        probe("protocol in lower case", 400, NEXT.replace("HTTP/1.1", "http/1.1")),
        probe("no protocol", 400, NEXT.replace(" HTTP/1.1", "")),
        probe("version without a dot", 400, NEXT.replace("HTTP/1.1", "HTTP/11")),
        probe("HTTP/1.2", 505, NEXT.replace("HTTP/1.1", "HTTP/1.2")),
        probe("HTTP/9.9", 505, NEXT.replace("HTTP/1.1", "HTTP/9.9")),
        probe("HTTP/2 preface", 505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        probe("two blanks", 400, NEXT.replace("GET /", "GET  /")),
        probe("tab for a blank", 400, NEXT.replace("GET /", "GET\t/")),
        probe("method with a control", 400, NEXT.replace("GET", "G\u0001T")),
        probe("empty line first", 400, "\r\n" + NEXT),
        probe("TLS", 400, "\u0016\u0003\u0001\u0002\u0000\u0001\u0000"),
        probe("absolute target", 400, NEXT.replace("/v1", "http://a/v1")),
        probe("asterisk target", 400, NEXT.replace("/v1/models", "*")),
        probe("NUL in the target", 400, NEXT.replace("/v1", "/\u0000v1")),
        probe("encoded NUL in the target", 400, NEXT.replace("/v1", "/%00v1")),
        probe("broken escape in the target", 400, NEXT.replace("/v1", "/%zzv1")),
        probe("non-ASCII target", 400, NEXT.replace("/v1", "/\u00fcv1")),
        probe("fragment in the target", 400, NEXT.replace("models", "models#x")),
        probe("dots in the target", 400, NEXT.replace("/v1", "/v1/../v1")),
        probe("empty path segment", 400, NEXT.replace("/v1", "//v1")),
        probe("backslash in the target", 400, NEXT.replace("/v1", "\\v1")),
        probe("target of 9 KiB", 414, NEXT.replace("models", "x".repeat(9 * 1024))),
        probe("bare LF after the request line", 400, NEXT.replaceFirst("\r\n", "\n")),
        probe("bare CR in the request line", 400, NEXT.replaceFirst(" HTTP", "\rHTTP")));
  }

  static Stream<Arguments> headers() {
    return Stream.of(
        probe("folded header", 400, with("X: a\r\n b\r\n")),
        probe("folded first header", 400, NEXT.replaceFirst("\r\n", "\r\n a: b\r\n")),
        probe("header folded by a tab", 400, with("X: a\r\n\tb\r\n")),
        probe("space before the colon", 400, with("X : a\r\n")),
        probe("no colon", 400, with("X\r\n")),
        probe("empty name", 400, with(": a\r\n")),
        probe("name with a control", 400, with("X\u0001: a\r\n")),
        probe("name with an underscore", 400, with("Content_Length: 2\r\n")),
        probe("NUL in a value", 400, with("X: a\0b\r\n")),
        probe("non-ASCII value", 400, with("X: \u00fc\r\n")),
        probe("bare LF after a header", 400, with("X: a\n")),
        probe("bare CR in a value", 400, with("X: a\rY: b\r\n")),
        probe("bare LF at the end", 400, NEXT.substring(0, NEXT.length() - 2) + "\n"),
        probe("190 headers", 431, with("X: y\r\n".repeat(190))),
        probe("header of 33 KiB", 431, with("X: " + "y".repeat(33 * 1024) + "\r\n")),
        probe("header of 500 KB", 431, with("X: " + "y".repeat(500_000) + "\r\n")),
        probe("two hosts", 400, with("Host: b\r\n")),
        probe("no host", 400, NEXT.replace("Host: smuggled\r\n", "")),
        probe("host of two words", 400, NEXT.replace("smuggled", "a b")),
        probe("two keys", 400, with("Authorization: Bearer x\r\n")),
        probe("unknown expectation", 417, with("Expect: junk\r\n")));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource({"bodies", "lines", "headers"})
  void refusesAndClosesWhatCanBeReadInTwoWays(String name, int status, String request)
      throws Exception {
    assertRefused(status, fixture.raw(request + "{}" + NEXT));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource({"bodies", "lines", "headers"})
  void refusesItInWhateverPartsItComes(String name, int status, String request) throws Exception {
    try (Socket socket = connect()) {
      String whole = request + "{}" + NEXT;
      int step = Math.max(1, Math.min(7, request.length() / 40));
      if (request.length() > 5_000) {
        // All of it must be there before the head's time is over.
        step = request.length() > 100_000 ? 5_000 : 500;
      }
      for (int at = 0; at < whole.length(); at += step) {
        write(socket, whole.substring(at, Math.min(whole.length(), at + step)));
      }
      assertRefused(status, fixture.rest(socket));
    }
  }

  private void assertRefused(int status, String answer) {
    assertFalse(answer.contains("<open>"), answer);
    assertFalse(answer.contains("\"object\":\"list\""), answer);
    assertEquals(1, answer.split("HTTP/1[.][01] ", -1).length - 1, answer);
    assertTrue(answer.matches("(?s)HTTP/1[.][01] " + status + " .*\"code\":.*"), answer);
    assertTrue(fixture.log.submissions.isEmpty());
  }

  static Stream<Arguments> slow() {
    return Stream.of(
        Arguments.of("request line", "", "GET /v1/models HTTP/1.1\r\n"),
        Arguments.of("header", "GET /v1/models HTTP/1.1\r\nX: ", "y".repeat(1_000)),
        Arguments.of("body", post("Content-Length: 1000\r\n"), "y".repeat(1_000)),
        Arguments.of("chunk line", post(CHUNKED), "0000002"),
        Arguments.of("idle head", "GET /v1/models HTTP/1.1\r\nX", ""),
        Arguments.of("idle body", post("Content-Length: 1000\r\n") + "{", ""),
        Arguments.of("no body", post("Content-Length: 1000\r\n"), ""),
        Arguments.of("idle chunk", post(CHUNKED) + "5\r\n{", ""));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("slow")
  void cutsOffWhoSendsTooSlowly(String name, String atOnce, String slowly) throws Exception {
    try (Socket socket = connect()) {
      write(socket, atOnce);
      socket.setSoTimeout(20);
      String answer = "";
      for (int sent = 0; answer.isEmpty() && sent < 500; sent++) {
        if (sent < slowly.length()) {
          write(socket, slowly.substring(sent, sent + 1));
        }
        try {
          answer = fixture.some(socket);
        } catch (SocketTimeoutException e) {
          answer = "";
        }
      }
      assertTrue(answer.startsWith("HTTP/1.1 408 "), answer);
      assertTrue(answer.contains("\"code\":\"bad_framing\""), answer);
    }
  }

  @Test
  void answersInOrderBeforeItRefuses() throws Exception {
    String answer = fixture.raw(NEXT + NEXT + NEXT.replace("HTTP/1.1", "HTTP/1.2") + NEXT);

    assertEquals(2, answer.split("\"object\":\"list\"", -1).length - 1, answer);
    assertTrue(answer.lastIndexOf("HTTP/1.1 505 ") > answer.lastIndexOf("\"list\""), answer);
    assertFalse(answer.contains("<open>"), answer);
  }

  @Test
  void servesPipelinedRequestsThatAreWellFramed() throws Exception {
    String chunked = post(CHUNKED) + "1\r\n{\r\n1\r\n}\r\n0\r\n\r\n";
    String answer =
        fixture.raw(NEXT + chunked + NEXT + post("Content-Length: 2\r\n") + "{}" + NEXT);

    assertEquals(3, answer.split("\"object\":\"list\"", -1).length - 1, answer);
    assertEquals(2, answer.split("HTTP/1.1 422 ", -1).length - 1, answer);
  }

  @Test
  void servesWhatComesByteByByte() throws Exception {
    String whole = NEXT + post(CHUNKED) + "1\r\n{\r\n1\r\n}\r\n0\r\n\r\n" + NEXT;
    try (Socket socket = connect()) {
      for (int i = 0; i < whole.length(); i++) {
        write(socket, whole.substring(i, i + 1));
      }
      String answer = fixture.rest(socket);

      assertEquals(2, answer.split("\"object\":\"list\"", -1).length - 1, answer);
      assertEquals(1, answer.split("HTTP/1.1 422 ", -1).length - 1, answer);
    }
  }

  @Test
  void servesAHeadLargerThanABuffer() throws Exception {
    String answer = fixture.raw(with("X: " + "y".repeat(30 * 1024) + "\r\n") + NEXT);

    assertEquals(2, answer.split("\"object\":\"list\"", -1).length - 1, answer);
  }

  @Test
  void servesARequestThatCameWhileAnotherWaited() throws Exception {
    fixture.post("/v1/jobs", "{\"model\":\"fast\",\"messages\":[{\"role\":\"user\"}]}");
    String job = fixture.log.takeSubmission().getJobId();
    try (Socket socket = connect()) {
      write(socket, NEXT.replace("/v1/models", "/v1/jobs/" + job + "?wait=3") + NEXT);
      socket.setSoTimeout(10_000);
      StringBuilder answer = new StringBuilder();
      while (!answer.toString().contains("\"object\":\"list\"")) {
        answer.append(fixture.some(socket));
      }
      assertTrue(answer.toString().contains("\"status\":\"queued\""), answer.toString());
    }
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket("127.0.0.1", fixture.port());
    socket.setTcpNoDelay(true);
    return socket;
  }

  private static void write(Socket socket, String text) {
    try {
      socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
      socket.getOutputStream().flush();
    } catch (IOException e) {
      // The server has answered and closed; what it said is still to be read.
      assertFalse(text.isEmpty());
    }
  }

  private static Arguments probe(String name, int status, String request) {
    return Arguments.of(name, status, request);
  }

  /// A well-formed request with another header.
  private static String with(String header) {
    return NEXT.substring(0, NEXT.length() - 2) + header + "\r\n";
  }

  private static String post(String headers) {
    return "POST /v1/jobs HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
        + KEY
        + headers
        + "\r\n";
  }
}
