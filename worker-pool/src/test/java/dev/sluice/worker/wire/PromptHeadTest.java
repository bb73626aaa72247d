package dev.sluice.worker.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PromptHeadTest {
  @Test
  void allTurnsOfAConversationHaveTheSame() {
    String first = message("system", "be kind") + "," + message("user", "hello");
    String later = first + "," + message("assistant", "hi") + "," + message("user", "and now?");

    assertEquals(chat(first), chat(later));
    assertTrue(chat(first).isPresent());
  }

  @Test
  void anotherConversationHasAnother() {
    String system = message("system", "be kind");

    assertNotEquals(
        chat(system + "," + message("user", "one")), chat(system + "," + message("user", "two")));
  }

  @Test
  void longInstructionsAreAllThatCounts() {
    String system = message("system", "x".repeat(PromptHead.MAX_CHARS));

    assertEquals(
        chat(system + "," + message("user", "one")), chat(system + "," + message("user", "two")));
  }

  @Test
  void everyDialectHasOne() {
    String user = message("user", "hello");
    assertEquals(
        of("{\"system\":\"be kind\",\"messages\":[" + user + "]}"),
        of("{\"messages\":[" + user + "],\"system\":[{\"type\":\"x\",\"text\":\"be kind\"}]}"));
    assertEquals(
        of("{\"instructions\":\"be kind\",\"input\":\"hello\"}"),
        of("{\"input\":[" + user + "],\"instructions\":\"be kind\"}"));
    assertTrue(of("{\"prompt\":\"hello\"}").isPresent());
  }

  @Test
  void whatHasNoPromptHasNone() {
    assertEquals(Optional.empty(), of("{\"model\":\"m\"}"));
    assertEquals(Optional.empty(), of("[]"));
    assertEquals(Optional.empty(), of("{\"messages\":"));
  }

  private static String message(String role, String text) {
    return "{\"content\":\"" + text + "\",\"role\":\"" + role + "\"}";
  }

  private static Optional<String> chat(String messages) {
    return of("{\"model\":\"m\",\"messages\":[" + messages + "]}");
  }

  private static Optional<String> of(String body) {
    return PromptHead.of(body.getBytes(StandardCharsets.UTF_8));
  }
}
