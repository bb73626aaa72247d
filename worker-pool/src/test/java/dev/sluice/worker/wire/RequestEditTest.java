package dev.sluice.worker.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.worker.core.Endpoint;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

class RequestEditTest {

  @Test
  void replacesOnlyTheModelAndKeepsEveryOtherByte() {
    String body =
        " {\"a\" : 1.50e+2,\t\"model\" : \"fast\" ,\"x\":{\"model\":\"n\"},\"u\":\"\\u00e9é\"} ";

    assertEquals(
        " {\"a\" : 1.50e+2,\t\"model\" : \"gpt\\\"4\" ,\"x\":{\"model\":\"n\"},\"u\":\"\\u00e9é\"} ",
        edit(body, "gpt\"4", false));
  }

  @Test
  void sendsTheVeryBytesWhenNothingIsToBeEdited() {
    byte[] body = utf8("{\"model\":\"m\"}");

    assertSame(
        body, RequestEdit.apply(body, edits("*", false, "max_tokens", OptionalInt.empty())).body());
  }

  @Test
  void asksForUsageAndRemembersThatTheCallerDidNot() {
    var upstream =
        RequestEdit.apply(
            utf8("{\"stream\":true}"), edits("*", true, "max_tokens", OptionalInt.empty()));

    assertFalse(upstream.wantsUsageChunk());
    assertEquals(
        "{\"stream_options\":{\"include_usage\":true},\"stream\":true}", text(upstream.body()));
  }

  @Test
  void keepsOtherStreamOptions() {
    var upstream =
        RequestEdit.apply(
            utf8("{\"stream\":true,\"stream_options\":{\"x\":1,\"include_usage\":false}}"),
            edits("*", true, "max_tokens", OptionalInt.empty()));

    assertFalse(upstream.wantsUsageChunk());
    assertEquals(
        "{\"stream\":true,\"stream_options\":{\"x\":1,\"include_usage\":true}}",
        text(upstream.body()));
  }

  @Test
  void seesThatTheCallerAskedForUsage() {
    String body = "{\"stream\":true,\"stream_options\":{\"include_usage\":true}}";
    var upstream =
        RequestEdit.apply(utf8(body), edits("*", true, "max_tokens", OptionalInt.empty()));

    assertTrue(upstream.wantsUsageChunk());
    assertEquals(body, text(upstream.body()));
  }

  @Test
  void turnsStreamingOnAndOffAsTheJobWantsIt() {
    assertTrue(edit("{}", "*", true).contains("\"stream\":true"));
    assertEquals("{\"stream\":false}", edit("{\"stream\":true}", "*", false));
  }

  @Test
  void addsTheDefaultLimitOnlyWhereTheBodyNamesNone() {
    assertEquals("{\"max_tokens\":7}", limited("{}"));
    assertEquals("{\"max_tokens\":7}", limited("{\"max_tokens\":null}"));
    assertEquals("{\"max_tokens\":3}", limited("{\"max_tokens\":3}"));
    assertEquals("{\"max_completion_tokens\":3}", limited("{\"max_completion_tokens\":3}"));
  }

  @Test
  void replacesEveryOccurrenceOfARepeatedOrEscapedName() {
    assertEquals(
        "{\"model\":\"m\",\"\\u006dodel\":\"m\"}",
        edit("{\"model\":\"a\",\"\\u006dodel\":\"b\"}", "m", false));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "1",
        "{",
        "{\"a\"",
        "{\"a\":",
        "{\"a\":}",
        "{\"a\":1,",
        "\"x\"",
        "{\"a\":\"b"
      })
  void refusesWhatIsNotAnObject(String body) {
    assertThrows(IllegalArgumentException.class, () -> edit(body, "m", false));
  }

  @Test
  void editsRandomObjectsAsAParserWould() {
    for (int seed = 0; seed < 500; seed++) {
      ObjectNode body = JsonText.MAPPER.createObjectNode();
      Random random = new Random(seed);
      for (int i = 0; i < 6; i++) {
        body.set("k" + random.nextInt(8), value(random, 3));
      }
      body.set("model", value(random, 2));
      byte[] json = JsonText.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(body);

      byte[] edited = JsonMembers.of(json).with(Map.of("model", utf8("\"m\""), "new", utf8("1")));

      JsonNode read = JsonText.MAPPER.readTree(edited);
      body.put("model", "m");
      body.put("new", 1);
      assertEquals(body, read, "seed " + seed);
    }
  }

  private static JsonNode value(Random random, int depth) {
    var nodes = JsonText.MAPPER.getNodeFactory();
    return switch (random.nextInt(depth > 0 ? 6 : 4)) {
      case 0 -> nodes.stringNode("a\"\\{[" + (char) (random.nextInt(0x2000) + 1));
      case 1 -> nodes.numberNode(random.nextInt());
      case 2 -> nodes.booleanNode(random.nextBoolean());
      case 3 -> nodes.nullNode();
      case 4 -> nodes.arrayNode().add(value(random, depth - 1)).add(value(random, depth - 1));
      default -> nodes.objectNode().set("model", value(random, depth - 1));
    };
  }

  private static String limited(String body) {
    return text(
        RequestEdit.apply(utf8(body), edits("*", false, "max_tokens", OptionalInt.of(7))).body());
  }

  private static String edit(String body, String model, boolean stream) {
    return text(
        RequestEdit.apply(utf8(body), edits(model, stream, "max_tokens", OptionalInt.empty()))
            .body());
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static RequestEdit.Edits edits(
      String model, boolean stream, String maxTokensField, OptionalInt defaultMaxTokens) {
    return new RequestEdit.Edits(Endpoint.CHAT, model, stream, maxTokensField, defaultMaxTokens);
  }
}
