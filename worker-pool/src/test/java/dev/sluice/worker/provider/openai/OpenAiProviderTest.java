package dev.sluice.worker.provider.openai;

import dev.sluice.worker.provider.MockUpstream;
import dev.sluice.worker.provider.Provider;
import dev.sluice.worker.provider.ProviderContractTest;
import dev.sluice.worker.provider.Upstreams;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;

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
          connection.event(chunk("one"));
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
          connection.event(chunk("one"));
          connection.event(chunk("two"));
          connection.endStream();
        }),
        Upstreams.patient());
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
      connection.event(chunk("Riv"));
      connection.event(chunk("ers"));
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

  private static String chunk(String text) {
    return "{\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":0,\"delta\":"
        + "{\"content\":\""
        + text
        + "\"},\"finish_reason\":null}]}";
  }
}
