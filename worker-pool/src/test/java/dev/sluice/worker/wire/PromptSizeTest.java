package dev.sluice.worker.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/// Only the text of a prompt is measured.
class PromptSizeTest {

  @Test
  void countsTheTextOfMessagesAndNotTheJsonAroundIt() {
    assertEquals(
        12,
        size(
            """
            {"model": "a-model-with-a-long-name", "stream": true, "messages": [
              {"role": "system", "content": "four"},
              {"role": "user", "content": [{"type": "text", "text": "fourfour"}]}]}
            """));
  }

  @Test
  void countsAPlainPrompt() {
    assertEquals(5, size("{\"model\": \"m\", \"prompt\": \"hello\", \"user\": \"not-a-prompt\"}"));
  }

  @Test
  void anImageIsNoText() {
    assertEquals(
        2,
        size(
            """
            {"messages": [{"role": "user", "content": [
              {"type": "image", "source": {"type": "base64", "media_type": "image/png",
                "data": "iVBORw0KGgo="}},
              {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}},
              {"type": "text", "text": "hi"}]}]}
            """));
  }

  @Test
  void takesTheWholeBodyWhereItCannotBeRead() {
    assertEquals(3, size("[1,"));
  }

  private static long size(String body) {
    return PromptSize.of(body.getBytes(StandardCharsets.UTF_8));
  }
}
