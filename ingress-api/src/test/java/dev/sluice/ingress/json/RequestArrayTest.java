package dev.sluice.ingress.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sluice.ingress.core.RefusedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestArrayTest {
  private static final String GOOD =
      "{ \"requests\" : [ {\"a\":\"}]\\\"{\",\n \"b\":[[1],{}]} , {\"c\":\"é\\\\\"} ] }";

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void givesTheSameElementsHoweverTheBytesCome(long seed) throws IOException {
    SplittableRandom random = new SplittableRandom(seed);
    List<String> elements = new ArrayList<>();
    RequestArray array = collecting(elements, 1_000);
    ByteBuffer bytes = ByteBuffer.wrap(GOOD.getBytes(StandardCharsets.UTF_8));
    while (bytes.hasRemaining()) {
      int count = Math.min(bytes.remaining(), 1 + random.nextInt(7));
      array.feed(bytes.slice(bytes.position(), count));
      bytes.position(bytes.position() + count);
    }
    array.finish();

    assertEquals(List.of("{\"a\":\"}]\\\"{\",  \"b\":[[1],{}]}", "{\"c\":\"é\\\\\"}"), elements);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"requests\":[]}",
        "{\"requests\":[1]}",
        "{\"requests\":[{} {}]}",
        "{\"requests\":[{}],\"more\":1}",
        "{\"other\":[{}]}",
        "{\"requests\":[{}]} x",
        "{\"requests\":[{}]",
        "[[{}]]",
        ""
      })
  void refusesWhatIsNotAnArrayOfRequests(String body) {
    RequestArray array = collecting(new ArrayList<>(), 1_000);

    assertThrows(
        RefusedException.class,
        () -> {
          array.feed(ByteBuffer.wrap(body.getBytes(StandardCharsets.UTF_8)));
          array.finish();
        });
  }

  @Test
  void refusesARequestThatIsTooLong() {
    RequestArray array = collecting(new ArrayList<>(), 10);

    assertThrows(
        RefusedException.class,
        () ->
            array.feed(
                ByteBuffer.wrap(
                    "{\"requests\":[{\"a\":\"12345678".getBytes(StandardCharsets.UTF_8))));
  }

  private static RequestArray collecting(List<String> into, int max) {
    return new RequestArray(max, json -> into.add(new String(json, StandardCharsets.UTF_8)));
  }
}
