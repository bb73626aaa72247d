package dev.sluice.ingress.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.Stream;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Each probe is followed by a second request on the same connection, which must not be served: the
/// two ends may not agree where the first one ended.
class FramingTest {
  private static final String NEXT =
      "GET /v1/models HTTP/1.1\r\nHost: smuggled\r\nAuthorization: Bearer "
          + HttpFixture.KEY
          + "\r\n\r\n";

  @RegisterExtension final HttpFixture fixture = new HttpFixture();

  static Stream<Arguments> probes() {
    return Stream.of(
        probe("length and chunks", "400", post("Content-Length: 4\r\nTransfer-Encoding: chunked")),
        probe("two lengths", "400", post("Content-Length: 4\r\nContent-Length: 5")),
        probe("two equal lengths", "400", post("Content-Length: 2\r\nContent-Length: 2")),
        probe("unknown coding", "501", post("Transfer-Encoding: gzip")),
        probe("coding after chunked", "501", post("Transfer-Encoding: chunked, identity")),
        probe("coding before chunked", "501", post("Transfer-Encoding: gzip, chunked")),
        probe(
            "two codings",
            "400|501",
            post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked")),
        probe(
            "chunks in HTTP/1.0", "400", post("Transfer-Encoding: chunked").replace("1.1", "1.0")),
        probe(
            "another protocol",
            "400|505",
            post("Content-Length: 2").replace("HTTP/1.1", "ICY/1.1")),
        probe("unknown expectation", "417", post("Content-Length: 2\r\nExpect: junk")),
        probe("two hosts", "400", post("Content-Length: 2\r\nHost: b")),
        probe("no host", "400", post("Content-Length: 2").replace("Host: a\r\n", "")),
        probe(
            "absolute target",
            "400",
            post("Content-Length: 2").replace("POST /", "POST http://a/")),
        probe("two keys", "400", post("Content-Length: 2\r\nAuthorization: Bearer x")),
        probe("compressed", "415", post("Content-Length: 2\r\nContent-Encoding: gzip")),
        probe("bad length", "400", post("Content-Length: two")),
        probe("negative length", "400", post("Content-Length: -2")),
        probe("NUL in a header", "400", post("Content-Length: 2\r\nx: a\0b")),
        probe("space before the colon", "400", post("Content-Length : 2")));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("probes")
  void refusesAndClosesWhatCanBeReadInTwoWays(String name, String statuses, String request)
      throws Exception {
    String answer = fixture.raw(request + "{}" + NEXT);

    assertFalse(answer.contains("<open>"), answer);
    assertFalse(answer.contains("\"object\":\"list\""), answer);
    assertEquals(answer.isEmpty() ? 0 : 1, answer.split("HTTP/1[.][01] ", -1).length - 1, answer);
    assertTrue(answer.matches("(?s)HTTP/1[.][01] (" + statuses + ") .*"), answer);
    assertTrue(fixture.log.submissions.isEmpty());
  }

  @org.junit.jupiter.api.Test
  void refusesHeadersBeyondTheLimits() throws Exception {
    String many = "x: y\r\n".repeat(190);
    String big = "x: " + "y".repeat(200_000) + "\r\n";

    String tooMany = fixture.raw(NEXT.replace("\r\n\r\n", "\r\n" + many + "\r\n"));
    String tooBig = fixture.raw(NEXT.replace("\r\n\r\n", "\r\n" + big + "\r\n"));

    assertFalse(tooMany.contains(" 200 "), tooMany);
    assertFalse(tooBig.contains(" 200 "), tooBig);
  }

  @org.junit.jupiter.api.Test
  void servesPipelinedRequestsThatAreWellFramed() throws Exception {
    String answer = fixture.raw(NEXT + NEXT);

    assertEquals(2, answer.split("\"object\":\"list\"", -1).length - 1, answer);
  }

  private static Arguments probe(String name, String statuses, String request) {
    return Arguments.of(name, statuses, request);
  }

  private static String post(String headers) {
    return "POST /v1/jobs HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nAuthorization:"
        + " Bearer "
        + HttpFixture.KEY
        + "\r\n"
        + headers
        + "\r\n\r\n";
  }
}
