package dev.sluice.ingress.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestScanTest {
  private static final String HEAD = "POST /v1/jobs?a=%2F HTTP/1.1\r\nHost: a:80\r\n";
  private static final String PLAIN = "GET /v1/jobs HTTP/1.0\r\n\r\n";
  private static final String SIZED = HEAD + "Content-Length: 5\r\n\r\nab\r\nc";
  private static final String CHUNKED =
      HEAD + "transfer-encoding: Chunked\r\n\r\n2\r\nab\r\n0A\r\n0123456789\r\n0\r\n\r\n";

  @Test
  void findsWhereEachRequestEnds() {
    assertEquals(
        List.of(PLAIN.length(), SIZED.length(), CHUNKED.length(), PLAIN.length()),
        lengths(PLAIN + SIZED + CHUNKED + PLAIN, Integer.MAX_VALUE, 1));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void findsTheSameInWhateverPartsTheyCome(long seed) {
    Random random = new Random(seed);
    StringBuilder text = new StringBuilder();
    List<Integer> expected = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      String one = List.of(PLAIN, SIZED, CHUNKED).get(random.nextInt(3));
      text.append(one);
      expected.add(one.length());
    }

    assertEquals(expected, lengths(text.toString(), 20, seed));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void neverReadsPastADamagedByteUnlessItIsHarmless(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < 2_000; i++) {
      byte[] bytes = bytes(CHUNKED);
      bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      RequestScan whole = new RequestScan(32 * 1024);
      int end = whole.scan(ByteBuffer.wrap(bytes), 0, bytes.length);
      RequestScan parts = new RequestScan(32 * 1024);
      int at = 0;
      while (at < bytes.length && parts.fault() == null && !parts.done()) {
        at = parts.scan(ByteBuffer.wrap(bytes), at, Math.min(bytes.length, at + 3));
      }

      assertEquals(end, at);
      assertEquals(whole.fault(), parts.fault());
      assertEquals(whole.unfinished(), parts.unfinished());
    }
  }

  static Stream<Arguments> heads() {
    return Stream.of(
        Arguments.of("/v1/models/a%2Fb", null),
        Arguments.of("/v1/models/a.b..c", null),
        Arguments.of("/v1/jobs/", null),
        Arguments.of("/v1/jobs?q=//../%0a", null),
        Arguments.of("/v1/.../jobs", null),
        Arguments.of("/v1/./jobs", Fault.TARGET),
        Arguments.of("/v1/..", Fault.TARGET),
        Arguments.of("/v1/..?q", Fault.TARGET),
        Arguments.of("/v1//jobs", Fault.TARGET),
        Arguments.of("/v1/%0ajobs", Fault.TARGET),
        Arguments.of("/v1/jobs?q=%00", Fault.TARGET),
        Arguments.of("/v1/jobs?q=%4", Fault.TARGET));
  }

  @ParameterizedTest
  @MethodSource("heads")
  void takesOnlyPlainTargets(String target, @Nullable Fault fault) {
    byte[] head = bytes("GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n");
    RequestScan scan = new RequestScan(32 * 1024);
    scan.scan(ByteBuffer.wrap(head), 0, head.length);

    assertEquals(fault, scan.fault());
    assertEquals(fault == null, scan.done());
  }

  @Test
  void aHeadMayBeAsLargeAsItsBound() {
    String start = "GET / HTTP/1.1\r\nHost: a\r\nX: ";
    byte[] fits = bytes(start + "y".repeat(1_024 - start.length() - 4) + "\r\n\r\n");
    RequestScan scan = new RequestScan(1_024);
    scan.scan(ByteBuffer.wrap(fits), 0, fits.length);
    assertNull(scan.fault());
    assertTrue(scan.done());

    byte[] exceeds = bytes(start + "y".repeat(1_024) + "\r\n\r\n");
    scan.next();
    scan.scan(ByteBuffer.wrap(exceeds), 0, exceeds.length);
    assertEquals(Fault.HEAD_TOO_LARGE, scan.fault());
  }

  /// Lengths of the requests in a text that comes in parts of at most `longest` bytes.
  private static List<Integer> lengths(String text, int longest, long seed) {
    Random random = new Random(seed);
    ByteBuffer bytes = ByteBuffer.wrap(bytes(text));
    RequestScan scan = new RequestScan(32 * 1024);
    List<Integer> found = new ArrayList<>();
    int begun = 0;
    int at = 0;
    while (at < bytes.limit()) {
      int to = Math.min(bytes.limit(), at + 1 + random.nextInt(Math.min(longest, 1 << 20)));
      at = scan.scan(bytes, at, to);
      assertNull(scan.fault());
      if (scan.done()) {
        assertEquals(0, scan.unfinished());
        found.add(at - begun);
        begun = at;
        scan.next();
      }
    }
    return found;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
