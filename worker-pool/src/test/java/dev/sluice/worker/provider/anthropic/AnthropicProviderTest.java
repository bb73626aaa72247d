package dev.sluice.worker.provider.anthropic;

import static dev.sluice.worker.provider.Answers.broken;
import static dev.sluice.worker.provider.Answers.complete;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.model.ErrorCode;
import dev.sluice.contract.model.Policy;
import dev.sluice.contract.model.TokenKind;
import dev.sluice.worker.core.Cause;
import dev.sluice.worker.core.Endpoint;
import dev.sluice.worker.provider.Answers;
import dev.sluice.worker.provider.Cancellation;
import dev.sluice.worker.provider.MockUpstream;
import dev.sluice.worker.provider.Provider;
import dev.sluice.worker.provider.ProviderAnswer;
import dev.sluice.worker.provider.ProviderContractTest;
import dev.sluice.worker.provider.ProviderRequest;
import dev.sluice.worker.provider.Upstreams;
import dev.sluice.worker.wire.JsonText;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// The contract is asked in chat, so this is the translation too.
class AnthropicProviderTest extends ProviderContractTest {
  private static final String MESSAGES = "/v1/messages";
  private static final String START =
      "{\"type\":\"message_start\",\"message\":{\"id\":\"msg_01\",\"type\":\"message\","
          + "\"role\":\"assistant\",\"model\":\"claude\",\"content\":[],\"stop_reason\":null,"
          + "\"usage\":{\"input_tokens\":5,\"cache_read_input_tokens\":2,\"output_tokens\":1}}}";
  private static final String WHOLE =
      "{ \"id\":\"msg_01\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"claude\","
          + "\"content\":[{\"type\":\"text\",\"text\":\"Rivers\"}],\"stop_reason\":\"end_turn\","
          + "\"usage\":{\"input_tokens\":5,\"output_tokens\":3},\"later\":1.50}";

  private final Upstreams upstreams = new Upstreams();
  private final Answers sink = new Answers();
  private final Cancellation cancellation = new Cancellation();

  @AfterEach
  void closeUpstreams() throws Exception {
    upstreams.close();
  }

  private Provider provider(MockUpstream.Script script, Policy.Timeouts timeouts) throws Exception {
    return provider(upstreams.upstream(script), timeouts);
  }

  private Provider provider(MockUpstream upstream, Policy.Timeouts timeouts) {
    return upstreams.translated(
        Policy.ProviderKind.ANTHROPIC, upstream.url(), timeouts, "sk-ant-secret");
  }

  @Override
  protected Provider prompt() throws Exception {
    return provider(AnthropicProviderTest::answer, Upstreams.patient());
  }

  @Override
  protected Provider slow() throws Exception {
    return provider(
        (_, connection) -> {
          connection.beginStream();
          connection.event(START);
          connection.silence();
        },
        Upstreams.patient());
  }

  @Override
  protected Provider failing(int status) throws Exception {
    return provider(
        (_, connection) ->
            connection.json(
                status,
                "{\"type\":\"error\",\"error\":{\"type\":\"api_error\",\"message\":\"no\"}}",
                "retry-after: 1"),
        Upstreams.patient());
  }

  @Override
  protected Provider silent() throws Exception {
    return provider(
        (_, connection) -> connection.silence(),
        Upstreams.timeouts(Duration.ofMillis(300), Duration.ofSeconds(20), Duration.ofSeconds(60)));
  }

  @Override
  protected Provider cut() throws Exception {
    return provider(
        (_, connection) -> {
          connection.beginStream();
          connection.event(START);
          connection.event(blockStart());
          connection.event(delta("one"));
          connection.endStream();
        },
        Upstreams.patient());
  }

  @Override
  @Test
  protected void answersEmbeddings() throws Exception {
    ProviderRequest request =
        Answers.request("/v1/embeddings", "m", "{\"input\":[\"a\",\"b\"]}", false);

    var refused =
        assertInstanceOf(
            ProviderAnswer.NotCalled.class, prompt().call(request, sink, cancellation));

    assertEquals(ErrorCode.ENDPOINT_NOT_SERVED, refused.failure().code());
  }

  @Test
  void passesAMessageThroughButForItsId() throws Exception {
    var answer = complete(prompt().call(message(false), sink, cancellation));

    assertEquals(
        WHOLE.replace("msg_01", Answers.JOB.replace("job_", "msg_")), Answers.text(answer.body()));
    assertEquals(5, answer.usage().count(TokenKind.INPUT));
    assertEquals(3, answer.usage().count(TokenKind.OUTPUT));
  }

  @Test
  void streamsEventsThroughButForTheId() throws Exception {
    var answer = complete(prompt().call(message(true), sink, cancellation));

    String id = Answers.JOB.replace("job_", "msg_");
    assertEquals(START.replace("msg_01", id), sink.chunks().getFirst());
    assertEquals(delta("Riv"), sink.chunks().get(2));
    var whole = JsonText.MAPPER.readTree(answer.body());
    assertEquals(id, whole.path("id").asString());
    assertEquals("Rivers", whole.at("/content/0/text").asString());
    assertEquals("end_turn", whole.path("stop_reason").asString());
    assertEquals(2, answer.usage().count(TokenKind.CACHED_INPUT));
    assertEquals(3, answer.usage().count(TokenKind.OUTPUT));
  }

  @Test
  void sendsTheCallersVersionAndThePoolsKey() throws Exception {
    MockUpstream upstream = upstreams.upstream(AnthropicProviderTest::answer);

    complete(provider(upstream, Upstreams.patient()).call(message(false), sink, cancellation));

    MockUpstream.Request seen = upstream.requests.getFirst();
    assertEquals("POST /v1/messages HTTP/1.1", seen.line());
    assertEquals("2026-10-21", seen.headers().get("anthropic-version"));
    assertEquals("fast-1", seen.headers().get("anthropic-beta"));
    assertEquals("sk-ant-secret", seen.headers().get("x-api-key"));
    assertEquals("{\"model\":\"claude-x\",\"max_tokens\":5,\"messages\":[]}", seen.body());
  }

  @Test
  void sendsTheVersionItTranslatesTo() throws Exception {
    MockUpstream upstream = upstreams.upstream(AnthropicProviderTest::answer);

    complete(
        provider(upstream, Upstreams.patient())
            .call(Answers.chat(PROMPT, false), sink, cancellation));

    assertEquals("2023-06-01", upstream.requests.getFirst().headers().get("anthropic-version"));
  }

  @Test
  void countsTokensAtTheVendor() throws Exception {
    ProviderRequest request =
        Answers.request(MESSAGES + "/count_tokens", "claude-x", "{\"messages\":[]}", false);

    var answer = complete(prompt().call(request, sink, cancellation));

    assertEquals("{\"input_tokens\":14}", Answers.text(answer.body()));
    assertEquals(0, answer.usage().total());
  }

  @Test
  void namesTheCauseOfAnErrorInTheMiddleOfAStream() throws Exception {
    Provider provider =
        provider(
            (_, connection) -> {
              connection.beginStream();
              connection.event(START);
              connection.event(
                  "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\","
                      + "\"message\":\"busy\"}}");
              connection.endStream();
            },
            Upstreams.patient());

    broken(Cause.THROTTLED, provider.call(message(true), sink, cancellation));
  }

  @Test
  void putsTheProvidersRefusalIntoTheCallersFrame() throws Exception {
    var failed =
        broken(Cause.REFUSED, failing(400).call(Answers.chat(PROMPT, false), sink, cancellation));

    byte[] body = new byte[failed.failure().body().orElseThrow().remaining()];
    failed.failure().body().orElseThrow().duplicate().get(body);
    assertEquals(
        "{\"error\":{\"message\":\"no\",\"type\":\"api_error\",\"param\":null,\"code\":null}}",
        new String(body, StandardCharsets.UTF_8));
  }

  @Test
  void endsACallWhoseAnswerCannotBeTranslated() throws Exception {
    Provider provider =
        provider(
            (_, connection) -> {
              connection.beginStream();
              connection.event(START);
              connection.event(
                  "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":"
                      + "{\"type\":\"server_tool_use\"}}");
              connection.silence();
            },
            Upstreams.patient());

    var failed =
        broken(Cause.BAD_ANSWER, provider.call(Answers.chat(PROMPT, true), sink, cancellation));

    assertTrue(failed.failure().message().contains("server_tool_use"));
    assertEquals(5, failed.usage().count(TokenKind.INPUT));
  }

  private static ProviderRequest message(boolean stream) {
    return new ProviderRequest(
        Endpoint.MESSAGES,
        "claude-x",
        "{\"model\":\"m\",\"max_tokens\":5,\"messages\":[]}".getBytes(StandardCharsets.UTF_8),
        stream,
        OptionalInt.empty(),
        Answers.JOB,
        Map.of("anthropic-version", "2026-10-21", "anthropic-beta", "fast-1"));
  }

  private static void answer(MockUpstream.Request request, MockUpstream.Connection connection)
      throws Exception {
    if (request.line().contains("count_tokens")) {
      connection.json(200, "{\"input_tokens\":14}");
    } else if (request.body().contains("\"stream\":true")) {
      connection.beginStream();
      connection.event(START);
      connection.event(blockStart());
      connection.event(delta("Riv"));
      connection.event("{\"type\":\"ping\"}");
      connection.event(delta("ers"));
      connection.event("{\"type\":\"content_block_stop\",\"index\":0}");
      connection.event(
          "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\","
              + "\"stop_sequence\":null},\"usage\":{\"output_tokens\":3}}");
      connection.event("{\"type\":\"message_stop\"}");
      connection.endStream();
    } else {
      connection.json(200, WHOLE);
    }
  }

  private static String blockStart() {
    return "{\"type\":\"content_block_start\",\"index\":0,"
        + "\"content_block\":{\"type\":\"text\",\"text\":\"\"}}";
  }

  private static String delta(String text) {
    return "{\"type\":\"content_block_delta\",\"index\":0,"
        + "\"delta\":{\"type\":\"text_delta\",\"text\":\""
        + text
        + "\"}}";
  }
}
