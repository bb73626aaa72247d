package dev.sluice.worker.provider;

import static dev.sluice.worker.provider.Answers.complete;
import static dev.sluice.worker.provider.Answers.request;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.model.ErrorCode;
import dev.sluice.contract.model.Policy;
import dev.sluice.contract.model.TokenKind;
import dev.sluice.worker.core.Cause;
import dev.sluice.worker.provider.simulated.SimulatedProvider;
import dev.sluice.worker.wire.JsonText;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// Every endpoint of every surface, as a worker serves it.
class DialectProviderTest {
  private static final String RESPONSES = "/v1/responses";
  private static final String MESSAGES = "/v1/messages";
  private static final String TAIL = Answers.JOB.substring("job_".length());

  private final Upstreams upstreams = new Upstreams();
  private final Answers sink = new Answers();
  private final Cancellation cancellation = new Cancellation();

  @AfterEach
  void close() throws Exception {
    upstreams.close();
  }

  @Test
  void simulatesAResponse() throws Exception {
    var answer =
        complete(simulated(request(RESPONSES, "m", "{\"model\":\"m\",\"input\":\"hi\"}", false)));

    JsonNode body = JsonText.MAPPER.readTree(answer.body());
    assertEquals("resp_" + TAIL, body.path("id").asString());
    assertEquals("completed", body.path("status").asString());
    assertFalse(body.at("/output/0/content/0/text").asString().isEmpty());
    assertEquals(12, body.at("/usage/output_tokens").intValue());
    assertEquals(12, answer.usage().count(TokenKind.OUTPUT));
  }

  @Test
  void streamsASimulatedMessage() throws Exception {
    complete(
        simulated(
            request(
                MESSAGES,
                "m",
                "{\"model\":\"m\",\"max_tokens\":5,\"messages\":[{\"role\":\"user\","
                    + "\"content\":\"hi\"}]}",
                true)));

    assertEquals("message_start", type(sink.chunks().getFirst()));
    assertEquals("message_stop", type(sink.chunks().getLast()));
    JsonNode end = JsonText.MAPPER.readTree(sink.chunks().get(sink.chunks().size() - 2));
    assertEquals("max_tokens", end.at("/delta/stop_reason").asString());
    assertEquals(5, end.at("/usage/output_tokens").intValue());
    assertTrue(sink.sawFirstByte);
  }

  @Test
  void streamsASimulatedResponseThatEndsWithItself() throws Exception {
    var answer =
        complete(simulated(request(RESPONSES, "m", "{\"model\":\"m\",\"input\":\"hi\"}", true)));

    JsonNode last = JsonText.MAPPER.readTree(sink.chunks().getLast());
    assertEquals("response.completed", last.path("type").asString());
    assertEquals(JsonText.MAPPER.readTree(answer.body()), last.path("response"));
  }

  @Test
  void estimatesTokensWithoutACall() throws Exception {
    var counted =
        assertInstanceOf(
            ProviderAnswer.Local.class,
            simulated(
                request(
                    MESSAGES + "/count_tokens",
                    "m",
                    "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\""
                        + "x".repeat(40)
                        + "\"}]}",
                    false)));

    assertEquals("{\"input_tokens\":10}", Answers.text(counted.body()));
  }

  @Test
  void refusesWhatCannotBeSaidWithoutACall() throws Exception {
    var refused =
        assertInstanceOf(
            ProviderAnswer.NotCalled.class,
            simulated(request(RESPONSES, "m", "{\"tools\":[{\"type\":\"web_search\"}]}", false)));

    assertEquals(Cause.REFUSED, refused.failure().cause());
    assertEquals(ErrorCode.UNTRANSLATABLE, refused.failure().code());
    assertTrue(refused.failure().message().startsWith("tools[0].type: "));
  }

  @Test
  void refusesABodyThatIsNoObject() throws Exception {
    for (String endpoint : List.of(RESPONSES, MESSAGES)) {
      assertInstanceOf(
          ProviderAnswer.NotCalled.class, simulated(request(endpoint, "m", "[1]", false)));
    }
  }

  @Test
  void flagsOnlyTheMarkedText() throws Exception {
    var answer =
        complete(
            simulated(
                request(
                    "/v1/moderations",
                    "m",
                    "{\"input\":[\"a river\",\"some simulated-violence\"]}",
                    false)));

    JsonNode results = JsonText.MAPPER.readTree(answer.body()).path("results");
    assertFalse(results.path(0).path("flagged").asBoolean());
    assertTrue(results.path(1).path("flagged").asBoolean());
    assertTrue(results.path(1).path("categories").path("violence").asBoolean());
  }

  @Test
  void embedsInTheSizeAndFormatAskedFor() throws Exception {
    JsonNode floats = embedding("\"dimensions\":3");
    JsonNode base64 = embedding("\"dimensions\":3,\"encoding_format\":\"base64\"");

    ByteBuffer bytes =
        ByteBuffer.wrap(Base64.getDecoder().decode(base64.asString()))
            .order(ByteOrder.LITTLE_ENDIAN);
    assertEquals(3, floats.size());
    assertEquals(3 * Float.BYTES, bytes.remaining());
    double square = 0;
    for (JsonNode number : floats) {
      assertEquals(number.floatValue(), bytes.getFloat());
      square += number.doubleValue() * number.doubleValue();
    }
    assertEquals(1, square, 1e-5);
  }

  private JsonNode embedding(String options) throws InterruptedException {
    var answer =
        complete(
            simulated(
                request(
                    "/v1/embeddings", "m", "{\"input\":[\"a river\"]," + options + "}", false)));
    return JsonText.MAPPER.readTree(answer.body()).at("/data/0/embedding");
  }

  @Test
  void passesAResponseThroughButForWhatIsTheJobs() throws Exception {
    MockUpstream upstream =
        upstreams.upstream((_, connection) ->
            connection.json(
                200,
                "{ \"id\":\"resp_vendor\",\"output\":[],\"background\":false,\"error\":null,"
                    + "\"previous_response_id\":null,\"x\":1.50,\"usage\":{\"input_tokens\":9,"
                    + "\"input_tokens_details\":{\"cached_tokens\":4,\"cache_write_tokens\":2},"
                    + "\"output_tokens\":5,\"output_tokens_details\":{\"reasoning_tokens\":3}}}"));

    var answer =
        complete(
            openAi(upstream)
                .call(
                    request(
                        RESPONSES,
                        "*",
                        "{\"input\":\"a\",\"background\":true,"
                            + "\"previous_response_id\":\"resp_1\"}",
                        false),
                    sink,
                    cancellation));

    assertEquals(
        "{\"input\":\"a\",\"background\":false,\"previous_response_id\":null}",
        upstream.requests.getFirst().body());
    assertTrue(
        Answers.text(answer.body())
            .startsWith(
                "{ \"id\":\"resp_"
                    + TAIL
                    + "\",\"output\":[],\"background\":true,\"error\":null,"
                    + "\"previous_response_id\":\"resp_1\",\"x\":1.50,"));
    assertEquals(3, answer.usage().count(TokenKind.INPUT));
    assertEquals(4, answer.usage().count(TokenKind.CACHED_INPUT));
    assertEquals(2, answer.usage().count(TokenKind.CACHE_WRITE_5M));
    assertEquals(2, answer.usage().count(TokenKind.OUTPUT));
    assertEquals(3, answer.usage().count(TokenKind.REASONING));
  }

  @Test
  void streamsAResponseThroughButForItsId() throws Exception {
    String delta =
        "{\"type\":\"response.output_text.delta\",\"delta\":\"a\",\"sequence_number\":1}";
    String end =
        "{\"type\":\"response.completed\",\"response\":{\"id\":\"resp_vendor\",\"output\":[],"
            + "\"usage\":{\"input_tokens\":9,\"output_tokens\":5}},\"sequence_number\":2}";
    Provider provider =
        openAi(
            upstreams.upstream((_, connection) -> {
              connection.beginStream();
              connection.event(delta);
              connection.event(end);
              connection.endStream();
            }));

    var answer =
        complete(
            provider.call(request(RESPONSES, "m", "{\"input\":\"a\"}", true), sink, cancellation));

    assertEquals(List.of(delta, end.replace("vendor", TAIL)), sink.chunks());
    assertEquals("resp_" + TAIL, JsonText.MAPPER.readTree(answer.body()).path("id").asString());
    assertEquals(14, answer.usage().total());
  }

  @Test
  void aResponseThatFailedIsAFailureOfTheProvider() throws Exception {
    Provider provider =
        openAi(
            upstreams.upstream((_, connection) -> {
              connection.beginStream();
              connection.event(
                  "{\"type\":\"response.failed\",\"response\":{\"id\":\"r\",\"error\":"
                      + "{\"code\":\"rate_limit_exceeded\",\"message\":\"busy\"}}}");
              connection.endStream();
            }));

    Answers.broken(
        Cause.THROTTLED,
        provider.call(request(RESPONSES, "m", "{\"input\":\"a\"}", true), sink, cancellation));
  }

  @Test
  void aStreamOfNothingIsNoAnswer() throws Exception {
    Provider provider =
        upstreams.translated(
            Policy.ProviderKind.OPENAI_COMPATIBLE,
            upstreams
                .upstream((_, connection) -> {
                  connection.beginStream();
                  connection.event("[DONE]");
                  connection.endStream();
                })
                .url(),
            Upstreams.patient(),
            "sk-x");

    Answers.broken(
        Cause.BAD_ANSWER,
        provider.call(request(RESPONSES, "m", "{\"input\":\"a\"}", true), sink, cancellation));

    assertEquals(List.of(), sink.chunks());
  }

  @Test
  void chatPassesThroughUntouched() throws Exception {
    byte[] body = "{ \"choices\":[ ],\"x\":1.50}".getBytes(java.nio.charset.StandardCharsets.UTF_8);
    MockUpstream upstream =
        upstreams.upstream((_, connection) -> connection.whole(200, "application/json", body));

    var answer = complete(openAi(upstream).call(Answers.chat("{}", false), sink, cancellation));

    assertArrayEquals(body, answer.body());
  }

  private Provider openAi(MockUpstream upstream) {
    return upstreams.translated(
        Policy.ProviderKind.OPENAI, upstream.url(), Upstreams.patient(), "sk-x");
  }

  private ProviderAnswer simulated(ProviderRequest request) throws InterruptedException {
    Policy.Pool pool =
        new Policy.Pool(
            "simulated",
            Policy.ProviderKind.SIMULATED,
            List.of(),
            Optional.empty(),
            4,
            Upstreams.patient(),
            Policy.ProviderKind.SIMULATED.speaks(),
            new Policy.Simulation(Duration.ZERO, 0, 12));
    Clock clock = Clock.systemUTC();
    Provider provider = new SimulatedProvider(pool.simulation(), pool.timeouts(), clock);
    return new DialectProvider(pool, provider, "max_tokens", clock)
        .call(request, sink, cancellation);
  }

  private static String type(String event) {
    return JsonText.MAPPER.readTree(event).path("type").asString("");
  }
}
