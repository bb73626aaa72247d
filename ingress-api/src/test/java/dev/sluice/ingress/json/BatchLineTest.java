package dev.sluice.ingress.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.ingress.core.Refusal;
import dev.sluice.ingress.core.RefusedException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BatchLineTest {

  private static byte[] openAi(String member) {
    return """
    {"custom_id":"a","method":"POST","url":"/v1/responses",\
    "body":{"model":"m","input":"hi",%s}}\
    """
        .formatted(member)
        .getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] anthropic(String member) {
    return """
    {"custom_id":"a","params":{"model":"m","max_tokens":9,\
    "messages":[{"role":"user","content":"hi"}],%s}}\
    """
        .formatted(member)
        .getBytes(StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @CsvSource({
    "'\"stream\":true', /body/stream, cannot be true in a batch",
    "'\"background\":true', /body/background, cannot be true in a batch",
    "'\"previous_response_id\":\"resp_1\"', /body/previous_response_id, is not for a batch"
  })
  void whatALineCannotBeIsRefusedByNameAndWithAReason(String member, String pointer, String says) {
    Refusal refusal =
        assertThrows(
                RefusedException.class, () -> BatchLine.openAi(openAi(member), Endpoints.RESPONSES))
            .refusal();

    assertEquals(pointer, refusal.pointer());
    assertTrue(refusal.message().contains(says), refusal.message());
  }

  @Test
  void anAnthropicLineDoesNotStreamEither() {
    Refusal refusal =
        assertThrows(
                RefusedException.class, () -> BatchLine.anthropic(anthropic("\"stream\":true")))
            .refusal();

    assertEquals("/params/stream", refusal.pointer());
    assertTrue(refusal.message().startsWith("params.stream cannot be true"), refusal.message());
  }

  @Test
  void sayingThatItIsNotSoChangesNothing() {
    byte[] line = openAi("\"stream\":false,\"background\":false,\"previous_response_id\":null");

    BatchLine read = BatchLine.openAi(line, Endpoints.RESPONSES);

    assertEquals("a", read.customId());
    assertEquals("m", read.request().model());
    assertEquals("a", BatchLine.anthropic(anthropic("\"stream\":false")).customId());
  }
}
