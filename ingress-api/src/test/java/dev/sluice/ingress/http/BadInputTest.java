package dev.sluice.ingress.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class BadInputTest {
  private static final String CHAT = "/v1/chat/completions";
  private static final String MESSAGES = "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]";

  @RegisterExtension final HttpFixture fixture = new HttpFixture();

  @AfterEach
  void nothingWasEnqueued() {
    assertTrue(fixture.log.submissions.isEmpty());
  }

  static Stream<Arguments> chats() {
    return Stream.of(
        Arguments.of("", 400, "malformed_json", ""),
        Arguments.of("[]", 400, "malformed_json", ""),
        Arguments.of("{", 400, "malformed_json", ""),
        Arguments.of("{} {}", 400, "malformed_json", ""),
        Arguments.of("{\"model\":\"a\",\"model\":\"b\"}", 400, "malformed_json", ""),
        Arguments.of("{\"x\":{\"a\":1,\"a\":2}}", 400, "malformed_json", ""),
        Arguments.of("{\"x\":NaN}", 400, "malformed_json", ""),
        Arguments.of("{\"x\":01}", 400, "malformed_json", ""),
        Arguments.of("{\"x\":" + "9".repeat(33) + "}", 400, "malformed_json", ""),
        Arguments.of("{\"x\":\"\\ud800\"}", 400, "malformed_json", ""),
        Arguments.of("{'x':1}", 400, "malformed_json", ""),
        Arguments.of("{\"x\":1,}", 400, "malformed_json", ""),
        Arguments.of("\ufeff{}", 400, "malformed_json", ""),
        Arguments.of("{\"x\":" + "[".repeat(70) + "]".repeat(70) + "}", 400, "malformed_json", ""),
        Arguments.of("{}", 400, "schema_violation", "model"),
        Arguments.of("{\"model\":\"fast\"}", 400, "schema_violation", "messages"),
        Arguments.of("{\"model\":7," + MESSAGES + "}", 400, "schema_violation", "model"),
        Arguments.of("{\"model\":\"\"," + MESSAGES + "}", 400, "schema_violation", "model"),
        Arguments.of(
            "{\"model\":\"fast\",\"messages\":\"hi\"}", 400, "schema_violation", "messages"),
        Arguments.of("{\"model\":\"fast\",\"messages\":[]}", 400, "schema_violation", "messages"),
        Arguments.of(
            "{\"model\":\"fast\",\"messages\":[1]}", 400, "schema_violation", "messages[0]"),
        Arguments.of(chat("\"stream\":\"yes\""), 400, "schema_violation", "stream"),
        Arguments.of(chat("\"max_tokens\":0"), 400, "schema_violation", "max_tokens"),
        Arguments.of(chat("\"max_tokens\":1.5"), 400, "schema_violation", "max_tokens"),
        Arguments.of(
            chat("\"max_tokens\":9223372036854775808"), 400, "schema_violation", "max_tokens"),
        Arguments.of(chat("\"temperature\":\"hot\""), 400, "schema_violation", "temperature"),
        Arguments.of(chat("\"metadata\":{\"a\":1}"), 400, "schema_violation", "metadata"),
        Arguments.of(
            chat("\"stream_options\":{\"include_usage\":3}"),
            400,
            "schema_violation",
            "stream_options.include_usage"),
        Arguments.of("{\"model\":\"gone\"," + MESSAGES + "}", 404, "model_not_found", "model"));
  }

  @ParameterizedTest(name = "[{index}] {0}")
  @MethodSource("chats")
  void refusesABadChatInOpenAisShape(String body, int status, String code, String param)
      throws Exception {
    HttpResponse<String> response = fixture.post(CHAT, body);

    assertEquals(status, response.statusCode(), response.body());
    assertTrue(response.body().startsWith("{\"error\":{\"message\":\""), response.body());
    assertTrue(response.body().contains("\"type\":\"invalid_request_error\""), response.body());
    assertTrue(response.body().contains("\"code\":\"" + code + "\""), response.body());
    String named = param.isEmpty() ? "null" : "\"" + param + "\"";
    assertTrue(response.body().contains("\"param\":" + named), response.body());
    assertEquals("false", response.headers().firstValue("x-should-retry").orElse(""));
  }

  static Stream<Arguments> jobs() {
    String endpoint = "\"endpoint\":\"/v1/chat/completions\"";
    String inner = "\"body\":{\"model\":\"fast\"," + MESSAGES + "}";
    return Stream.of(
        Arguments.of("{\"model\":\"fast\"}", 422, "schema_violation", "/messages"),
        Arguments.of(chat("\"input\":\"hi\""), 422, "schema_violation", "/body"),
        Arguments.of(chat("\"priority\":\"urgent\""), 422, "schema_violation", "/priority"),
        Arguments.of(chat("\"deadline\":\"soon\""), 422, "schema_violation", "/deadline"),
        Arguments.of(chat("\"deadline\":\"PT-1H\""), 422, "schema_violation", "/deadline"),
        Arguments.of(chat("\"deadline\":\"P900D\""), 422, "schema_violation", "/deadline"),
        Arguments.of(chat("\"tags\":[1]"), 422, "schema_violation", "/tags"),
        Arguments.of(chat("\"callback_url\":\"ftp://x\""), 422, "callback_denied", "/callback_url"),
        Arguments.of(
            chat("\"callback_url\":\"https://10.0.0.1/\""),
            422,
            "callback_denied",
            "/callback_url"),
        Arguments.of(chat("\"callback_url\":7"), 422, "schema_violation", "/callback_url"),
        Arguments.of(
            chat("\"callback_secret_id\":\"s\""), 422, "schema_violation", "/callback_secret_id"),
        Arguments.of(
            chat("\"callback_url\":\"https://x.example\",\"callback_secret_id\":\"none\""),
            422,
            "schema_violation",
            "/callback_secret_id"),
        Arguments.of(chat("\"cache\":{\"mode\":\"no\"}"), 422, "schema_violation", "/cache/mode"),
        Arguments.of(chat("\"cache\":{\"ttl\":0}"), 422, "schema_violation", "/cache/ttl"),
        Arguments.of(chat("\"cache\":true"), 422, "schema_violation", "/cache"),
        Arguments.of(
            chat("\"idempotency_key\":\"a b\""), 422, "schema_violation", "/idempotency_key"),
        Arguments.of("{" + inner + "}", 422, "schema_violation", "/endpoint"),
        Arguments.of("{" + endpoint + ",\"body\":7}", 422, "schema_violation", "/body"),
        Arguments.of(
            "{" + endpoint + "," + inner + ",\"temperature\":1}",
            422,
            "schema_violation",
            "/temperature"),
        Arguments.of(
            "{\"endpoint\":\"/v1/nope\"," + inner + "}", 422, "schema_violation", "/endpoint"),
        Arguments.of(
            "{" + endpoint + ",\"body\":{\"model\":\"fast\",\"messages\":7}}",
            422,
            "schema_violation",
            "/body/messages"),
        Arguments.of(
            "{" + endpoint + ",\"model\":\"other\"," + inner + "}",
            422,
            "schema_violation",
            "/body/model"),
        Arguments.of("{\"model\":\"gone\"," + MESSAGES + "}", 404, "model_not_found", "/model"),
        Arguments.of("nonsense", 400, "malformed_json", ""));
  }

  @ParameterizedTest(name = "[{index}] {0}")
  @MethodSource("jobs")
  void refusesABadJobAsAProblem(String body, int status, String code, String pointer)
      throws Exception {
    HttpResponse<String> response = fixture.post("/v1/jobs", body);

    assertEquals(status, response.statusCode(), response.body());
    assertEquals(
        "application/problem+json", response.headers().firstValue("content-type").orElse(""));
    assertTrue(response.body().contains("\"code\":\"" + code + "\""), response.body());
    if (!pointer.isEmpty()) {
      assertTrue(response.body().contains("\"pointer\":\"" + pointer + "\""), response.body());
    }
  }

  @Test
  void refusesAWrongKeyBeforeTheBodyIsRead() throws Exception {
    HttpResponse<String> wrong = fixture.post(CHAT, "{", "Authorization", "Bearer nope");
    HttpResponse<String> none = fixture.post(CHAT, "{", "Authorization", "Basic x");
    HttpResponse<String> job = fixture.post("/v1/jobs", "{", "Authorization", "Bearer nope");

    assertEquals(401, wrong.statusCode());
    assertTrue(wrong.body().contains("\"code\":\"invalid_api_key\""), wrong.body());
    assertEquals(401, none.statusCode());
    assertEquals(401, job.statusCode());
    assertTrue(job.body().contains("\"status\":401"), job.body());
  }

  @Test
  void takesTheKeyFromEitherHeader() throws Exception {
    String answer =
        fixture.raw(
            "GET /v1/models HTTP/1.1\r\nHost: a\r\nConnection: close\r\nx-api-key: "
                + HttpFixture.KEY
                + "\r\n\r\n");

    assertTrue(answer.contains("\"id\":\"fast\""), answer);
  }

  @Test
  void refusesWhatTheKeyDoesNotAllow() throws Exception {
    HttpResponse<String> response =
        fixture.post(CHAT, "{}", "Authorization", "Bearer " + HttpFixture.READ_ONLY);

    assertEquals(403, response.statusCode());
    assertTrue(response.body().contains("\"code\":\"forbidden\""), response.body());
  }

  @Test
  void refusesABodyAboveTheLimitWithAndWithoutALength() throws Exception {
    String big = chat("\"x\":\"" + "y".repeat(HttpFixture.MAX_BODY_BYTES) + "\"");
    HttpRequest unsized =
        fixture
            .request(CHAT)
            .header("Content-Type", "application/json")
            .POST(
                HttpRequest.BodyPublishers.fromPublisher(HttpRequest.BodyPublishers.ofString(big)))
            .build();

    HttpResponse<String> sized = fixture.post(CHAT, big);

    assertEquals(413, sized.statusCode());
    assertTrue(sized.body().contains("\"code\":\"too_large\""), sized.body());
    assertEquals(413, fixture.send(unsized).statusCode());
  }

  @Test
  void refusesOtherMediaTypesMethodsAndPaths() throws Exception {
    assertEquals(415, fixture.post(CHAT, "{}", "Content-Type", "text/plain").statusCode());
    assertEquals(
        415,
        fixture.post(CHAT, "{}", "Content-Type", "application/json; charset=utf-16").statusCode());
    HttpResponse<String> method = fixture.get(CHAT);
    assertEquals(405, method.statusCode());
    assertEquals("POST", method.headers().firstValue("allow").orElse(""));
    assertEquals(404, fixture.get("/v1/nope").statusCode());
    assertEquals(400, fixture.get("/v1//jobs").statusCode());
    assertEquals(400, fixture.get("/v1/jobs/../jobs").statusCode());
    assertEquals(404, fixture.get("/v1/j%6fbs").statusCode());
  }

  @ParameterizedTest
  @ValueSource(strings = {"a b", "\"", "\"\"", "a\"b", "\"open", "LONG"})
  void refusesAnIdempotencyKeyThatCannotBeRead(String key) throws Exception {
    String header = key.equals("LONG") ? "k".repeat(256) : key;

    HttpResponse<String> response = fixture.post(CHAT, chat("\"n\":1"), "Idempotency-Key", header);

    assertEquals(400, response.statusCode());
    assertTrue(response.body().contains("\"code\":\"bad_header\""), response.body());
  }

  @Test
  void saysNothingOfTheInput() throws Exception {
    HttpResponse<String> response = fixture.post(CHAT, "{\"secretword\": secretvalue}");

    assertFalse(response.body().contains("secret"), response.body());
  }

  private static String chat(String more) {
    return "{\"model\":\"fast\"," + MESSAGES + "," + more + "}";
  }
}
