package dev.sluice.worker.provider.openai;

import static dev.sluice.worker.provider.Answers.broken;
import static dev.sluice.worker.provider.Answers.chat;
import static dev.sluice.worker.provider.Answers.complete;
import static dev.sluice.worker.provider.Upstreams.chunk;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.sluice.contract.model.ErrorCode;
import dev.sluice.worker.core.Cause;
import dev.sluice.worker.core.Endpoint;
import dev.sluice.worker.exchange.Targets;
import dev.sluice.worker.provider.MockUpstream;
import dev.sluice.worker.provider.Provider;
import dev.sluice.worker.provider.ProviderContractTest;
import dev.sluice.worker.provider.Upstreams;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OpenAiProviderTest extends ProviderContractTest {
  private static final String USAGE =
      "\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":3,\"total_tokens\":8}";

  private final Upstreams fixture = new Upstreams();

  @AfterEach
  void closeUpstreams() throws Exception {
    fixture.close();
  }

  @Override
  protected Provider prompt() throws Exception {
    return fixture.provider(fixture.upstream(OpenAiProviderTest::answer), Upstreams.patient());
  }

  @Override
  protected Provider slow() throws Exception {
    return fixture.provider(
        fixture.upstream((_, connection) -> {
          connection.beginStream();
          connection.event(chunk("one", null));
          connection.silence();
        }),
        Upstreams.patient());
  }

  @Override
  protected Provider failing(int status) throws Exception {
    return fixture.provider(
        fixture.upstream((_, connection) ->
            connection.json(status, "{\"error\":{\"message\":\"no\"}}", "retry-after: 1")),
        Upstreams.patient());
  }

  @Override
  protected Provider silent() throws Exception {
    return fixture.provider(
        fixture.upstream((_, connection) -> connection.silence()),
        Upstreams.timeouts(Duration.ofMillis(300), Duration.ofSeconds(20), Duration.ofSeconds(60)));
  }

  @Override
  protected Provider cut() throws Exception {
    return fixture.provider(
        fixture.upstream((_, connection) -> {
          connection.beginStream();
          connection.event(chunk("one", null));
          connection.event(chunk("two", null));
          connection.endStream();
        }),
        Upstreams.patient());
  }

  @Test
  void usesAConnectionAgain() throws Exception {
    MockUpstream upstream =
        fixture.upstream((request, c) -> {
          if (request.body().contains("\"stream\":true")) {
            c.beginStream();
            c.event(chunk("a", "stop"));
            c.event("[DONE]");
            c.endStream();
          } else {
            c.json(200, "{\"choices\":[]}");
          }
        });
    Provider provider = fixture.provider(upstream, Upstreams.patient());

    for (int i = 0; i < 10; i++) {
      complete(provider.call(chat(PROMPT, i % 2 == 0), sink, cancellation));
    }

    assertEquals(1, upstream.connections());
  }

  @Test
  void sendsTheKeyOnlyToTheEndpointAndNowhereElse() throws Exception {
    MockUpstream elsewhere = fixture.upstream((_, c) -> c.json(200, "{\"choices\":[]}"));
    MockUpstream upstream =
        fixture.upstream((_, c) -> c.json(302, "", "location: " + elsewhere.url()));
    Provider provider =
        fixture.provider(upstream.url(), Upstreams.patient(), Optional.of(() -> "sk-canary"));

    var failed = broken(Cause.BAD_ANSWER, provider.call(chat(PROMPT, false), sink, cancellation));

    assertEquals("Bearer sk-canary", upstream.requests.getFirst().headers().get("authorization"));
    assertEquals(0, elsewhere.requests.size());
    assertFalse(failed.toString().contains("canary"));
  }

  @Test
  void sendsNoKeyWhereThereIsNoneAndFailsWhereItIsMissing() throws Exception {
    MockUpstream upstream = fixture.upstream((_, c) -> c.json(200, "{\"choices\":[]}"));
    Provider open = fixture.provider(upstream, Upstreams.patient());
    Provider missing =
        fixture.provider(
            upstream.url(),
            Upstreams.patient(),
            Optional.of(() -> {
              throw new IllegalStateException("not set");
            }));

    complete(open.call(chat(PROMPT, false), sink, cancellation));
    var failed = broken(Cause.INVALID_KEY, missing.call(chat(PROMPT, false), sink, cancellation));

    assertNull(upstream.requests.getFirst().headers().get("authorization"));
    assertEquals(1, upstream.requests.size());
    assertEquals(ErrorCode.PROVIDER_KEY_REJECTED, failed.failure().code());
  }

  @Test
  void appendsTheEndpointToTheBaseUrl() {
    assertEquals(
        URI.create("http://h/v1/chat/completions"),
        Targets.below(URI.create("http://h/v1"), Endpoint.CHAT));
    assertEquals(
        URI.create("http://h/x/v1/embeddings"),
        Targets.below(URI.create("http://h/x/v1/"), Endpoint.EMBEDDINGS));
  }

  private static void answer(MockUpstream.Request request, MockUpstream.Connection connection)
      throws Exception {
    if (request.line().contains("/v1/embeddings")) {
      connection.json(
          200,
          "{\"object\":\"list\",\"data\":[{\"embedding\":[0.1]},{\"embedding\":[0.2]}],"
              + "\"usage\":{\"prompt_tokens\":2,\"total_tokens\":2}}");
    } else if (request.body().contains("\"stream\":true")) {
      connection.beginStream();
      connection.event(chunk("Riv", null));
      connection.event(chunk("ers", null));
      connection.event(
          "{\"object\":\"chat.completion.chunk\",\"choices\":"
              + "[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}");
      if (request.body().contains("\"include_usage\":true")) {
        connection.event("{\"object\":\"chat.completion.chunk\",\"choices\":[]," + USAGE + "}");
      }
      connection.event("[DONE]");
      connection.endStream();
    } else {
      connection.json(
          200,
          "{\"object\":\"chat.completion\",\"choices\":[{\"index\":0,\"message\":"
              + "{\"role\":\"assistant\",\"content\":\"Rivers\"},\"finish_reason\":\"stop\"}],"
              + USAGE
              + "}");
    }
  }
}
