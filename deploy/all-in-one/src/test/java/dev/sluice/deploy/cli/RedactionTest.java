package dev.sluice.deploy.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RedactionTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "my key is sk-abcdef123 ok | my key is ************ ok",
        "Authorization: Bearer eyJhbGciOi.x | Authorization: Bearer ************",
        "{\"api_key\": \"hunter22\", \"a\": 1} | {\"api_key\": \"********\", \"a\": 1}",
        "{\"x-api-key\":\"a\\\"b\"} | {\"x-api-key\":\"****\"}",
        "whsec_MfKQ9r8GKYqrTwjU | **********************",
        "{\"max_tokens\": 5, \"task\": \"ask-anything\"} | {\"max_tokens\": 5, \"task\": \"ask-anything\"}"
      })
  void coversSecretsAndNothingElse(String text, String expected) {
    assertEquals(expected, Redaction.text(text));
  }

  @Test
  void coversSecretsAmongBytesThatAreNoText() {
    byte[] bytes = {(byte) 0xff, 0, 's', 'k', '-', 'a', 'b', 'c', 'd', 'e', 'f', (byte) 0x80};

    byte[] covered = Redaction.bytes(ByteBuffer.wrap(bytes));

    assertEquals(bytes.length, covered.length);
    assertEquals((byte) 0xff, covered[0]);
    assertTrue(new String(covered, StandardCharsets.ISO_8859_1).contains("*********"));
  }

  @Test
  void knowsMembersThatAreSecretsAsAWhole() {
    assertTrue(Redaction.covers("callback_secret"));
    assertFalse(Redaction.covers("callback_secret_id"));
    assertFalse(Redaction.covers("key_id"));
  }
}
