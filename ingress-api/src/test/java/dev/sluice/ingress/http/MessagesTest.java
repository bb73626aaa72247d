package dev.sluice.ingress.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.avro.AttemptError;
import dev.sluice.contract.avro.FailureCause;
import dev.sluice.contract.avro.JobResult;
import dev.sluice.contract.avro.JobStatus;
import dev.sluice.contract.avro.Submission;
import dev.sluice.contract.model.JobId;
import dev.sluice.ingress.IngressConfig;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class MessagesTest {
  private static final String MESSAGES = "/v1/messages";
  private static final String PROMPT = "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]";
  private static final String ASKED = "{\"model\":\"fast\",\"max_tokens\":9," + PROMPT;
  private static final String HELLO = ASKED + "}";
  private static final String[] VERSION = {"anthropic-version", "2023-06-01"};

  @RegisterExtension
  final HttpFixture fixture = new HttpFixture(impatient(IngressConfig.Timing.DEFAULT));

  private static IngressConfig.Timing impatient(IngressConfig.Timing timing) {
    return new IngressConfig.Timing(
        timing.call(),
        timing.job(),
        timing.admission(),
        timing.abandoned(),
        Duration.ofMillis(50),
        timing.head(),
        timing.probe());
  }

  @ParameterizedTest
  @ValueSource(strings = {MESSAGES, "/anthropic/v1/messages"})
  void answersAWaitingCallAndSendsItsHeadersAlong(String path) throws Exception {
    CompletableFuture<HttpResponse<String>> call =
        fixture.posted(
            path,
            ASKED + ",\"metadata\":{\"user_id\":\"u-1\"}}",
            "anthropic-version",
            "2023-06-01",
            "anthropic-beta",
            "a-1,b-2");
    Submission submission = fixture.log.takeSubmission();
    JobId id = idOf(submission);
    finish(id, "{\"type\":\"message\",  \"content\":[]}");

    HttpResponse<String> response = call.get();

    assertEquals(200, response.statusCode());
    assertEquals("{\"type\":\"message\",  \"content\":[]}", response.body());
    assertEquals(id.text(), response.headers().firstValue("request-id").orElse(""));
    assertEquals(MESSAGES, submission.getEndpoint());
    assertEquals(9, submission.getMaxOutputTokens());
    assertEquals(Map.of("user_id", "u-1"), submission.getTags());
    assertEquals(
        Map.of("anthropic-version", "2023-06-01", "anthropic-beta", "a-1,b-2"),
        submission.getRequestHeaders());
  }

  @Test
  void takesTheKeyInEitherHeader() throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(fixture.request("/anthropic/v1/models").build().uri())
            .header("x-api-key", HttpFixture.KEY)
            .header("anthropic-version", "2026-10-21")
            .build();

    assertEquals(200, fixture.send(request).statusCode());
  }

  @Test
  void countsTokensAsAJob() throws Exception {
    CompletableFuture<HttpResponse<String>> call =
        fixture.posted(MESSAGES + "/count_tokens", "{\"model\":\"fast\"," + PROMPT + "}", VERSION);
    Submission submission = fixture.log.takeSubmission();
    finish(idOf(submission), "{\"input_tokens\":7}");

    assertEquals("{\"input_tokens\":7}", call.get().body());
    assertEquals("/v1/messages/count_tokens", submission.getEndpoint());
  }

  @Test
  void streamsEventsUnderTheirNamesAndPingsBefore() throws Exception {
    CompletableFuture<HttpResponse<String>> call =
        fixture.posted(MESSAGES, ASKED + ",\"stream\":true}", VERSION);
    JobId id = idOf(fixture.log.takeSubmission());
    fixture.log.parts(id, 2, false, "{\"x\":{\"type\":\"no\"},\"type\":\"message_start\"}");
    fixture.log.parts(id, 3, false, "{\"type\":\"message_stop\"}");
    finish(id, "{}");

    String body = call.get().body();

    assertEquals(
        "event: message_start\ndata: {\"x\":{\"type\":\"no\"},\"type\":\"message_start\"}\n\n"
            + "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
        body.replace("event: ping\ndata: {\"type\": \"ping\"}\n\n", ""));
  }

  @Test
  void pingsWhileNothingComes() throws Exception {
    HttpRequest request =
        fixture
            .request(MESSAGES)
            .header("Content-Type", "application/json")
            .header("anthropic-version", "2023-06-01")
            .POST(HttpRequest.BodyPublishers.ofString(ASKED + ",\"stream\":true}"))
            .build();

    var response = fixture.stream(request);

    byte[] ping = "event: ping\ndata: {\"type\": \"ping\"}\n\n".getBytes(StandardCharsets.UTF_8);
    assertEquals(
        new String(ping, StandardCharsets.UTF_8),
        new String(response.body().readNBytes(ping.length), StandardCharsets.UTF_8));
    response.body().close();
  }

  @Test
  void endsABrokenStreamWithAnErrorEvent() throws Exception {
    CompletableFuture<HttpResponse<String>> call =
        fixture.posted(MESSAGES, ASKED + ",\"stream\":true}", VERSION);
    JobId id = idOf(fixture.log.takeSubmission());
    fixture.log.parts(id, 2, false, "{\"type\":\"message_start\"}");
    fixture.log.parts(id, 4, true, "{\"type\":\"message_start\"}");

    String body = call.get().body();

    assertTrue(
        body.endsWith(
            "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"api_error\",\"message\":"
                + "\"the answer broke off after it had begun; another attempt cannot continue it\"},"
                + "\"request_id\":\""
                + id.text()
                + "\"}\n\n"),
        body);
  }

  @Test
  void streamsAWholeAnswerAsEventsWhenTheProviderDidNotStream() throws Exception {
    CompletableFuture<HttpResponse<String>> call =
        fixture.posted(MESSAGES, ASKED + ",\"stream\":true}", VERSION);
    JobId id = idOf(fixture.log.takeSubmission());
    finish(
        id,
        "{\"type\":\"message\",\"content\":[{\"type\":\"text\",\"text\":\"ho\"},{\"type\":\"tool_use\","
            + "\"id\":\"t\",\"name\":\"n\",\"input\":{\"a\":1}}],\"stop_reason\":\"tool_use\","
            + "\"usage\":{\"input_tokens\":3,\"output_tokens\":5}}");

    String body = call.get().body();

    assertEquals(
        "message_start content_block_start content_block_delta content_block_stop"
            + " content_block_start content_block_delta content_block_stop message_delta"
            + " message_stop",
        body.lines()
            .filter(line -> line.startsWith("event: ") && !line.endsWith("ping"))
            .map(line -> line.substring(7))
            .reduce((a, b) -> a + " " + b)
            .orElse(""));
    assertTrue(body.contains("\"partial_json\":\"{\\\"a\\\":1}\""), body);
    assertTrue(body.contains("\"delta\":{\"stop_reason\":\"tool_use\"}"), body);
  }

  static Stream<Arguments> refused() {
    return Stream.of(
        Arguments.of("{\"max_tokens\":9," + PROMPT + "}", 400, "invalid_request_error", "model"),
        Arguments.of(
            "{\"model\":\"fast\"," + PROMPT + "}", 400, "invalid_request_error", "max_tokens"),
        Arguments.of(
            "{\"model\":\"fast\",\"max_tokens\":9}", 400, "invalid_request_error", "messages"),
        Arguments.of(
            ASKED + ",\"metadata\":{\"user_id\":7}}",
            400,
            "invalid_request_error",
            "metadata.user_id"),
        Arguments.of(HELLO.replace("fast", "gone"), 404, "not_found_error", "model"),
        Arguments.of("{", 400, "invalid_request_error", "JSON"));
  }

  @ParameterizedTest(name = "[{index}] {0}")
  @MethodSource("refused")
  void refusesABadRequestInAnthropicsShape(String body, int status, String type, String named)
      throws Exception {
    HttpResponse<String> response = fixture.post(MESSAGES, body, VERSION);

    JsonNode seen = JsonMapper.shared().readTree(response.body());
    assertEquals(status, response.statusCode(), response.body());
    assertEquals("error", seen.get("type").asString());
    assertEquals(type, seen.at("/error/type").asString());
    assertTrue(seen.at("/error/message").asString().contains(named), response.body());
    assertEquals(
        response.headers().firstValue("request-id").orElse(""), seen.get("request_id").asString());
    assertEquals("false", response.headers().firstValue("x-should-retry").orElse(""));
    assertTrue(fixture.log.submissions.isEmpty());
  }

  @Test
  void wantsAVersionItKnows() throws Exception {
    for (String[] headers : new String[][] {{}, {"anthropic-version", "1999-01-01"}}) {
      HttpResponse<String> response = fixture.post(MESSAGES, HELLO, headers);

      assertEquals(400, response.statusCode());
      assertTrue(response.body().contains("anthropic-version: header is required"));
      assertTrue(response.body().contains("\"type\":\"invalid_request_error\""));
    }
  }

  @Test
  void refusesAStrangerInAnthropicsShape() throws Exception {
    HttpResponse<String> response =
        fixture.post(
            MESSAGES, HELLO, "anthropic-version", "2023-06-01", "Authorization", "Bearer sk-no");

    assertEquals(401, response.statusCode());
    assertTrue(response.body().contains("\"type\":\"authentication_error\""), response.body());
  }

  @Test
  void isOverloadedWhenTheLogIsNotReached() throws Exception {
    fixture.log.ready = false;

    HttpResponse<String> response = fixture.post(MESSAGES, HELLO, VERSION);

    assertEquals(529, response.statusCode());
    assertTrue(response.body().contains("\"type\":\"overloaded_error\""), response.body());
    assertEquals("true", response.headers().firstValue("x-should-retry").orElse(""));
  }

  @ParameterizedTest
  @CsvSource({
    "/v1/messages, provider_down, 502, api_error",
    "/v1/messages, provider_throttled, 429, rate_limit_error",
    "/v1/messages, provider_timeout, 504, timeout_error",
    "/v1/messages, no_route, 400, invalid_request_error"
  })
  void saysWhyAJobFailed(String path, String code, int status, String type) throws Exception {
    CompletableFuture<HttpResponse<String>> call = fixture.posted(path, HELLO, VERSION);
    JobId id = idOf(fixture.log.takeSubmission());
    fixture.log.finish(id, failed(id, code, 502, ""));

    assertEquals(status, call.get().statusCode());
    assertTrue(call.get().body().contains("\"type\":\"" + type + "\""), call.get().body());
  }

  @Test
  void namesTheFieldThatCouldNotBeTranslated() throws Exception {
    CompletableFuture<HttpResponse<String>> call = fixture.posted("/v1/chat/completions", HELLO);
    JobId id = idOf(fixture.log.takeSubmission());
    JobResult result = failed(id, "provider_refused", 0, "");
    result.getError().setCause(FailureCause.REFUSED);
    result.getError().setMessage("tools[0].type: must be function");
    fixture.log.finish(id, result);

    assertEquals(400, call.get().statusCode());
    assertTrue(call.get().body().contains("\"param\":\"tools[0].type\""), call.get().body());
  }

  static Stream<Arguments> words() {
    String anthropic =
        "{\"type\":\"error\",\"error\":{\"type\":\"request_too_large\",\"message\":\"too big\"},"
            + "\"request_id\":\"req_theirs\"}";
    String openAi = "{\"error\":{\"message\":\"too big\",\"type\":\"invalid_request_error\"}}";
    return Stream.of(
        Arguments.of(MESSAGES, anthropic, "/error/type", "request_too_large"),
        Arguments.of(MESSAGES, openAi, "/error/type", "invalid_request_error"),
        Arguments.of("/v1/chat/completions", anthropic, "/error/code", "provider_refused"),
        Arguments.of("/v1/chat/completions", openAi, "/error/type", "invalid_request_error"));
  }

  @ParameterizedTest(name = "[{index}] {0} {1}")
  @MethodSource("words")
  void passesAProvidersRefusalOnInTheCallersDialect(
      String path, String said, String pointer, String value) throws Exception {
    CompletableFuture<HttpResponse<String>> call = fixture.posted(path, HELLO, VERSION);
    JobId id = idOf(fixture.log.takeSubmission());
    fixture.log.finish(id, failed(id, "provider_refused", 413, said));

    HttpResponse<String> response = call.get();

    JsonNode seen = JsonMapper.shared().readTree(response.body());
    assertEquals(413, response.statusCode());
    assertEquals(value, seen.at(pointer).asString());
    assertEquals("too big", seen.at("/error/message").asString());
    assertTrue(!response.body().contains("req_theirs"), response.body());
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v1/models", "/anthropic/v1/models"})
  void listsModelsInAnthropicsShape(String path) throws Exception {
    JsonNode list = JsonMapper.shared().readTree(fixture.get(path, VERSION).body());
    JsonNode one = JsonMapper.shared().readTree(fixture.get(path + "/fast", VERSION).body());

    assertEquals("fast", list.get("first_id").asString());
    assertEquals("fast", list.get("last_id").asString());
    assertEquals("false", list.get("has_more").toString());
    assertEquals(one, list.at("/data/0"));
    assertEquals("model", one.get("type").asString());
    assertEquals("fast", one.get("display_name").asString());
    assertEquals(404, fixture.get(path + "/gone", VERSION).statusCode());
    assertEquals(400, fixture.get(path + "?after_id=gone", VERSION).statusCode());
  }

  @Test
  void listsModelsInOpenAisShapeForEveryoneElse() throws Exception {
    assertTrue(fixture.get("/v1/models").body().startsWith("{\"object\":\"list\""));
  }

  @Test
  void saysInItsShapeWhatIsNotServed() throws Exception {
    for (String path : new String[] {"/anthropic/v1/nope", "/v1/messages/nope"}) {
      HttpResponse<String> response = fixture.get(path, VERSION);
      assertEquals(404, response.statusCode());
      assertTrue(response.body().contains("\"type\":\"not_found_error\""), response.body());
    }
    assertTrue(fixture.get("/v1/files", VERSION).body().contains("not_found_error"));
  }

  @Test
  void takesAJobOfTheDialectOnTheNativeSurface() throws Exception {
    HttpResponse<String> job =
        fixture.post("/v1/jobs", "{\"endpoint\":\"/v1/messages\",\"body\":" + HELLO + "}", VERSION);
    Submission submission = fixture.log.takeSubmission();
    HttpResponse<String> without =
        fixture.post(
            "/v1/jobs",
            "{\"endpoint\":\"/v1/messages\",\"body\":{\"model\":\"fast\"," + PROMPT + "}}");

    assertEquals(202, job.statusCode());
    assertEquals(HELLO, StandardCharsets.UTF_8.decode(submission.getBody()).toString());
    assertEquals("2023-06-01", submission.getRequestHeaders().get("anthropic-version"));
    assertEquals(422, without.statusCode());
    assertTrue(without.body().contains("\"pointer\":\"/body/max_tokens\""), without.body());
    assertEquals(200, fixture.get("/v1/jobs/" + idOf(submission).text("msg_")).statusCode());
  }

  private void finish(JobId id, String body) {
    fixture.log.finish(id, MemoryLog.result(id, JobStatus.SUCCEEDED, body));
  }

  private static JobResult failed(JobId id, String code, int status, String body) {
    AttemptError error = new AttemptError();
    error.setCode(code);
    error.setCause(FailureCause.DOWN);
    error.setMessage("it failed");
    error.setProviderStatus(status);
    error.setBody(ByteBuffer.wrap(body.getBytes(StandardCharsets.UTF_8)));
    JobResult result = MemoryLog.result(id, JobStatus.FAILED, "");
    result.setError(error);
    return result;
  }

  private static JobId idOf(Submission submission) {
    return JobId.parse(submission.getJobId()).orElseThrow();
  }
}
