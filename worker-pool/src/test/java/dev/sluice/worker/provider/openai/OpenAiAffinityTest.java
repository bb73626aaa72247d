package dev.sluice.worker.provider.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.worker.provider.Answers;
import dev.sluice.worker.provider.Cancellation;
import dev.sluice.worker.provider.MockUpstream;
import dev.sluice.worker.provider.Provider;
import dev.sluice.worker.provider.ProviderAnswer;
import dev.sluice.worker.provider.Upstreams;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OpenAiAffinityTest {
  private static final int CONVERSATIONS = 60;
  private static final int TURNS = 3;

  private final Upstreams fixture = new Upstreams();

  @AfterEach
  void closeUpstreams() throws Exception {
    fixture.close();
  }

  @Test
  void turnsOfAConversationMeetAtTheSameEndpointAndConversationsSpread() throws Exception {
    List<MockUpstream> servers = servers();
    try (Provider provider =
        fixture.withAffinity(servers.stream().map(MockUpstream::url).toList())) {
      for (int turn = 1; turn <= TURNS; turn++) {
        for (int conversation = 0; conversation < CONVERSATIONS; conversation++) {
          assertTrue(call(provider, conversation, turn) instanceof ProviderAnswer.Complete);
        }
      }
    }

    for (MockUpstream server : servers) {
      assertTrue(!server.requests.isEmpty(), "each has some");
      assertEquals(0, server.requests.size() % TURNS, "and all turns of it");
    }
  }

  @Test
  void aServerThatIsDownCostsFewCalls() throws Exception {
    int failed;
    try (Socket taken = new Socket()) {
      // Bound, so that nobody else may listen there, and refusing whoever calls.
      taken.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      List<URI> urls = new ArrayList<>(servers().stream().map(MockUpstream::url).toList());
      urls.set(0, URI.create("http://127.0.0.1:" + taken.getLocalPort()));
      failed = failures(urls);
    }

    // A third of them prefer it; one finds it down for all that come in the next seconds.
    assertTrue(failed >= 1 && failed <= 5, failed + " failed");
  }

  private int failures(List<URI> urls) throws Exception {
    int failed = 0;
    try (Provider provider = fixture.withAffinity(urls)) {
      for (int conversation = 0; conversation < CONVERSATIONS; conversation++) {
        failed += call(provider, conversation, 1) instanceof ProviderAnswer.Complete ? 0 : 1;
      }
    }
    return failed;
  }

  private List<MockUpstream> servers() throws Exception {
    List<MockUpstream> servers = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      servers.add(
          fixture.upstream((_, connection) ->
              connection.json(200, "{\"object\":\"chat.completion\",\"choices\":[]}")));
    }
    return servers;
  }

  private static ProviderAnswer call(Provider provider, int conversation, int turns)
      throws Exception {
    StringBuilder messages = new StringBuilder();
    for (int turn = 0; turn < turns; turn++) {
      messages
          .append(turn == 0 ? "" : ",")
          .append("{\"role\":\"user\",\"content\":\"conversation ")
          .append(conversation)
          .append(" turn ")
          .append(turn)
          .append("\"}");
    }
    String body = "{\"model\":\"m\",\"messages\":[" + messages + "]}";
    return provider.call(Answers.chat(body, false), new Answers(), new Cancellation());
  }
}
