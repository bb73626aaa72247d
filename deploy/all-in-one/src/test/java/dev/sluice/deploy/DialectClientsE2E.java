package dev.sluice.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.deploy.registry.NodeProject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A whole Sluice as the vendors' own SDKs meet it: OpenAI's on the Responses endpoint, Anthropic's
/// on messages. The scripts are in `deploy/acceptance`.
class DialectClientsE2E {
  private static final String KEY = "sk-acceptance";

  private static final String CONFIGURATION =
      """
      server: {}
      tenants:
        - id: acme
          keys: [{id: ci, secret: "${env:CI_KEY}", scopes: [submit, read, cancel]}]
      pools:
        - {id: quick, provider: simulated, concurrency: 8}
        - id: slow
          provider: simulated
          concurrency: 8
          simulation: {tokens_per_second: 25, output_tokens: 60}
        - id: endless
          provider: simulated
          concurrency: 8
          simulation: {tokens_per_second: 20, output_tokens: 5000}
      models:
        - {id: fast, routes: [{pool: quick, model: fast}]}
        - {id: slow, routes: [{pool: slow, model: slow}]}
        - {id: endless, routes: [{pool: endless, model: endless}]}
        - {id: refused, routes: [{pool: quick, model: simulated-error-400}]}
      """;

  @TempDir private static Path folder;

  private static AllInOne sluice;
  private static AllInOne.Ready ready;

  @BeforeAll
  static void start() throws IOException {
    sluice = WholeSluice.in(folder, CONFIGURATION, Map.of("CI_KEY", KEY));
    ready = sluice.start();
  }

  @AfterAll
  static void stops() {
    sluice.close();
  }

  @Test
  void answersAndStreamsResponses() {
    JsonNode seen = responses("answer");

    assertEquals("completed", seen.get("status").asString());
    assertEquals(
        seen.get("requestId").asString().replace("job_", "resp_"), seen.get("id").asString());
    assertFalse(seen.get("text").asString().isBlank());
    assertEquals(seen.get("text"), seen.get("kept"));
    assertEquals("red", seen.at("/metadata/team").asString());
    assertTrue(seen.at("/usage/output_tokens").asInt() > 0);
    List<String> types = texts(seen.get("types"));
    assertEquals("response.created", types.getFirst());
    assertEquals("response.completed", types.getLast());
    assertTrue(types.stream().filter("response.output_text.delta"::equals).count() > 2);
    assertCountsFrom(0, seen.get("numbers"));
    assertEquals(seen.get("completed"), seen.get("streamed"));
    assertEquals("completed", seen.at("/helped/status").asString());
    assertFalse(seen.at("/helped/text").asString().isBlank());
    assertEquals(202, seen.at("/later/status").asInt());
    assertEquals("job", seen.at("/later/object").asString());
  }

  @Test
  void goesOnWithConversations() {
    JsonNode seen = responses("conversation");

    assertTrue(seen.get("previous").asBoolean());
    assertTrue(seen.get("instructions").isNull(), "they are not inherited");
    assertEquals(
        List.of("user", "assistant", "user", "assistant", "user"), texts(seen.get("roles")));
    assertEquals(List.of("one", "two", "three"), texts(seen.get("asked")));
    assertTrue(seen.get("answered").asBoolean());
    assertEquals("NotFoundError 404 not_found", error(seen.get("deleted")));
    assertEquals(
        "BadRequestError 400 previous_response_not_found previous_response_id",
        error(seen.get("unstored")));
  }

  @Test
  void runsResponsesInTheBackgroundAndReplaysThem() {
    JsonNode seen = responses("background");

    assertEquals("queued", seen.get("first").asString());
    assertTrue(seen.get("background").asBoolean());
    assertEquals("red", seen.at("/metadata/team").asString());
    assertEquals("completed", seen.get("last").asString());
    assertFalse(seen.get("text").asString().isBlank());
    List<String> types = texts(seen.get("types"));
    assertEquals(
        List.of("response.created", "response.queued", "response.in_progress"),
        types.subList(0, 3));
    assertEquals("response.completed", types.getLast());
    assertCountsFrom(0, seen.get("numbers"));
    for (String held : List.of("same", "tail", "helped", "unstreamed")) {
      assertTrue(seen.get(held).asBoolean(), held);
    }
  }

  @Test
  void resumesABackgroundResponseAfterARestart() throws IOException {
    JsonNode begun = responses("begin");
    assertCountsFrom(0, begun.get("numbers"));

    sluice.close();
    start();
    String after = begun.get("after").toString();
    JsonNode seen = responses("resume", begun.get("id").asString(), after);

    assertCountsFrom(begun.get("after").asInt() + 1, seen.get("numbers"));
    assertEquals(seen.get("answer"), seen.get("whole"));
    assertTrue(seen.get("whole").asString().endsWith(seen.get("text").asString()));
  }

  @Test
  void cancelsBackgroundResponses() {
    JsonNode seen = responses("cancel");

    for (String asked : List.of("status", "again", "kept")) {
      assertEquals("cancelled", seen.get(asked).asString(), asked);
    }
    assertEquals("cancelled", seen.at("/stream/code").asString());
  }

  @Test
  void embedsModeratesAndCompletes() {
    JsonNode seen = responses("vectors");

    assertEquals(1, seen.get("text").asInt());
    assertEquals(2, seen.get("texts").asInt());
    assertEquals(1, seen.get("tokens").asInt());
    assertEquals(2, seen.get("tokenLists").asInt());
    assertEquals(2, seen.get("moderated").asInt());
    assertTrue(seen.get("completed").asBoolean());
  }

  @Test
  void failsOnResponsesWithTheErrorClassesThatProgramsCatch() {
    JsonNode seen = responses("errors");

    assertEquals("BadRequestError 400 schema_violation input", error(seen.get("noInput")));
    assertEquals("NotFoundError 404 model_not_found model", error(seen.get("noModel")));
    assertEquals(
        "BadRequestError 400 schema_violation conversation", error(seen.get("conversation")));
    assertEquals("BadRequestError 400 schema_violation background", error(seen.get("unstored")));
    assertEquals(
        "BadRequestError 400 previous_response_not_found previous_response_id",
        error(seen.get("previous")));
    assertEquals("NotFoundError 404 not_found", error(seen.get("unknown")));
    assertEquals("BadRequestError 400 not_cancellable", error(seen.get("notBackground")));
    assertEquals("BadRequestError", seen.at("/refused/name").asString());
  }

  @Test
  void answersMessagesOfEitherKeyHeaderAndVersion() {
    JsonNode seen = anthropic("message");

    assertEquals(
        seen.get("requestId").asString().replace("job_", "msg_"), seen.get("id").asString());
    assertEquals("message", seen.get("type").asString());
    assertEquals("assistant", seen.get("role").asString());
    assertFalse(seen.get("text").asString().isBlank());
    assertEquals("end_turn", seen.get("stop").asString());
    assertTrue(seen.at("/usage/input_tokens").asInt() > 0);
    assertTrue(seen.at("/usage/output_tokens").asInt() > 0);
    assertTrue(seen.get("direct").asInt() > 0);
    assertTrue(seen.get("older").asInt() > 0);
    assertTrue(seen.get("tokens").asInt() > 0);
  }

  @Test
  void streamsMessages() {
    JsonNode seen = anthropic("stream");

    assertTrue(seen.get("id").asString().startsWith("msg_"));
    assertEquals(
        List.of(
            "message_start",
            "content_block_start",
            "content_block_delta",
            "content_block_stop",
            "message_delta",
            "message_stop"),
        texts(seen.get("types")));
    assertTrue(seen.get("deltas").asInt() > 2);
    assertFalse(seen.get("text").asString().isBlank());
    assertEquals("end_turn", seen.get("stop").asString());
    assertTrue(seen.get("output").asInt() > 0);
    assertEquals("end_turn", seen.at("/helped/stop").asString());
    assertFalse(seen.at("/helped/text").asString().isBlank());
  }

  @Test
  void listsModelsToAnthropicsClients() {
    JsonNode seen = anthropic("models");

    List<String> all = List.of("endless", "fast", "refused", "slow");
    assertEquals(all, texts(seen.get("mounted")));
    assertEquals(all, texts(seen.get("direct")));
    assertEquals("model", seen.at("/one/type").asString());
  }

  @Test
  void failsOnMessagesWithTheErrorClassesThatProgramsCatch() {
    JsonNode seen = anthropic("errors");

    assertEquals("AuthenticationError 401 authentication_error", typed(seen.get("wrongKey")));
    assertEquals("BadRequestError 400 invalid_request_error", typed(seen.get("noLimit")));
    assertEquals("NotFoundError 404 not_found_error", typed(seen.get("unknownModel")));
    assertEquals("NotFoundError 404 not_found_error", typed(seen.get("unknownModelToRead")));
    assertEquals("BadRequestError 400 invalid_request_error", typed(seen.get("refused")));
  }

  private static JsonNode responses(String... arguments) {
    return node("openai", "responses.js", arguments);
  }

  private static JsonNode anthropic(String scene) {
    return node("anthropic", "anthropic.js", scene);
  }

  private static JsonNode node(String project, String script, String... scene) {
    List<String> arguments = new ArrayList<>(List.of("http://" + ready.http(), KEY));
    arguments.addAll(List.of(scene));
    return NodeProject.at(project)
        .run(script, arguments.toArray(String[]::new))
        .map(line -> JsonMapper.shared().readTree(line))
        .orElseThrow();
  }

  private static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(one -> texts.add(one.asString()));
    return texts;
  }

  private static void assertCountsFrom(int first, JsonNode numbers) {
    assertFalse(numbers.isEmpty());
    for (int i = 0; i < numbers.size(); i++) {
      assertEquals(first + i, numbers.get(i).asInt(), numbers::toString);
    }
  }

  private static String error(JsonNode error) {
    return String.join(
            " ",
            error.path("name").asString(""),
            error.path("status").asString(""),
            error.path("code").asString(""),
            error.path("param").asString(""))
        .strip();
  }

  private static String typed(JsonNode error) {
    assertTrue(error.path("named").asBoolean(), error::toString);
    return String.join(
        " ",
        error.path("name").asString(""),
        error.path("status").asString(""),
        error.path("type").asString(""));
  }
}
