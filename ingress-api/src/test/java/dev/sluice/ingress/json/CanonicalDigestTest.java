package dev.sluice.ingress.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CanonicalDigestTest {
  private static final String BODY =
      """
      {"model":"m","messages":[{"role":"user","content":"Say \\u00e9"}],"temperature":0.5,\
      "stop":["a","b"],"stream":false}\
      """;

  private static ByteBuffer of(String body) {
    return CanonicalDigest.of(
        "/v1/chat/completions", body.getBytes(StandardCharsets.UTF_8), Map.of());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        """
        {"temperature":0.5,"stream":false,"stop":["a","b"],
         "messages":[{"content":"Say é","role":"user"}], "model":"m"}\
        """,
        """
        { "model" : "m", "messages" : [ { "role" : "user", "content" : "Say \\u00E9" } ],
          "temperature" : 0.5, "stop" : [ "a", "b" ], "stream" : false }\
        """
      })
  void anotherNotationOfTheSameIsTheSame(String body) {
    assertEquals(of(BODY), of(body));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"temperature\":0.50",
        "\"temperature\":\"0.5\"",
        "\"temperature\":null",
        "\"temperatur\":0.5",
        "\"temperature\":0.5,\"user\":\"u\"",
        "\"temperature\":0.5,\"top_p\":null"
      })
  void anotherParameterIsAnother(String member) {
    assertNotEquals(of(BODY), of(BODY.replace("\"temperature\":0.5", member)));
  }

  @Test
  void orderOfListsAndEveryByteOfThePromptCount() {
    assertNotEquals(of(BODY), of(BODY.replace("[\"a\",\"b\"]", "[\"b\",\"a\"]")));
    assertNotEquals(of(BODY), of(BODY.replace("[\"a\",\"b\"]", "[\"ab\"]")));
    assertNotEquals(of(BODY), of(BODY.replace("Say ", "Say  ")));
    assertNotEquals(of(BODY), of(BODY.replace("false", "true")));
  }

  @Test
  void theEndpointAndItsHeadersCount() {
    byte[] body = BODY.getBytes(StandardCharsets.UTF_8);

    ByteBuffer plain = CanonicalDigest.of("/v1/messages", body, Map.of());

    assertNotEquals(plain, of(BODY));
    assertNotEquals(plain, CanonicalDigest.of("/v1/messages", body, Map.of("anthropic-beta", "x")));
  }

  /// Many requests that each differ in one thing from the one before: all digests differ.
  @Test
  void nothingThatDiffersIsTheSame() {
    SplittableRandom random = new SplittableRandom(20261128);
    Set<ByteBuffer> seen = new HashSet<>();
    int[] said = new int[5];
    for (int i = 0; i < 200_000; i++) {
      said[random.nextInt(said.length)] += 1 + random.nextInt(3);
      String body =
          "{\"model\":\"m%d\",\"n\":%d,\"messages\":[{\"role\":\"r%d\",\"content\":\"c%d\"}],\"stop\":[%d]}"
              .formatted(said[0], said[1], said[2], said[3], said[4]);
      seen.add(of(body));
    }
    assertEquals(200_000, seen.size());
  }
}
