package dev.sluice.worker.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class EventStreamParserTest {

  static Stream<Arguments> streams() {
    return Stream.of(
        Arguments.of("line feeds", "data: a\n\ndata: b\n\n", List.of("a", "b")),
        Arguments.of("carriage returns", "data: a\r\rdata: b\r\r", List.of("a", "b")),
        Arguments.of("both", "data: a\r\n\r\ndata: b\r\n\r\n", List.of("a", "b")),
        Arguments.of("byte order mark", "\uFEFFdata: a\n\n", List.of("a")),
        Arguments.of("several data lines", "data: a\ndata: b\n\n", List.of("a\nb")),
        Arguments.of("comments", ": ping\n\n: x\ndata: a\n: y\n\n", List.of("a")),
        Arguments.of("no space after the colon", "data:a\n\n", List.of("a")),
        Arguments.of("only one space is dropped", "data:  a\n\n", List.of(" a")),
        Arguments.of("empty data", "data\n\ndata:\n\n", List.of("", "")),
        Arguments.of(
            "other fields", "event: e\nid: 1\nretry: 9\ndatax: n\ndata: a\n\n", List.of("a")),
        Arguments.of("end without an empty line", "data: a\n\ndata: b\n", List.of("a")),
        Arguments.of("nothing", "", List.of()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("streams")
  void readsWhatTheStandardSays(String name, String stream, List<String> expected)
      throws Exception {
    assertEquals(expected, parse(utf8(stream), stream.length() + 1), name);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("streams")
  void readsTheSameHoweverItIsCut(String name, String stream, List<String> expected)
      throws Exception {
    for (int size = 1; size <= 5; size++) {
      assertEquals(expected, parse(utf8(stream), size), name);
    }
  }

  @Test
  void neverFailsOnRandomBytesAndReadsThemTheSameInAnyCut() throws Exception {
    byte[] alphabet = utf8("data: :\r\n\uFEFFx");
    for (int seed = 0; seed < 2_000; seed++) {
      Random random = new Random(seed);
      byte[] bytes = new byte[random.nextInt(200)];
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = alphabet[random.nextInt(alphabet.length)];
      }

      assertEquals(parse(bytes, 1_000), parse(bytes, 1 + random.nextInt(7)), "seed " + seed);
    }
  }

  @Test
  void stopsAtAnEventThatIsTooLarge() {
    EventStreamParser lines = new EventStreamParser(16, _ -> true);
    EventStreamParser events = new EventStreamParser(16, _ -> true);

    assertThrows(TooLargeException.class, () -> lines.feed(new byte[17], 0, 17));
    byte[] many = utf8("data:1234567\ndata:1234567\ndata:1234567\n");
    assertThrows(TooLargeException.class, () -> events.feed(many, 0, many.length));
  }

  @Test
  void stopsWhenTheSinkHasEnough() throws Exception {
    List<String> seen = new ArrayList<>();
    EventStreamParser parser =
        new EventStreamParser(
            100,
            data -> {
              seen.add(new String(data, StandardCharsets.UTF_8));
              return false;
            });
    byte[] two = utf8("data: a\n\ndata: b\n\n");

    assertFalse(parser.feed(two, 0, two.length));
    assertEquals(List.of("a"), seen);
  }

  private static List<String> parse(byte[] bytes, int pieceSize) throws TooLargeException {
    List<String> events = new ArrayList<>();
    EventStreamParser parser =
        new EventStreamParser(1_000, data -> events.add(new String(data, StandardCharsets.UTF_8)));
    for (int at = 0; at < bytes.length; at += pieceSize) {
      parser.feed(bytes, at, Math.min(pieceSize, bytes.length - at));
    }
    return events;
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
