package dev.sluice.ledgercheck.mock;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.ledgercheck.core.Call;
import dev.sluice.ledgercheck.core.FaultMix;
import dev.sluice.ledgercheck.core.ProviderFault;
import dev.sluice.ledgercheck.core.Served;
import dev.sluice.ledgercheck.ledger.LedgerFolder;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The mock over real sockets: what it answers, how it fails, and what it writes down.
class MockProviderIT {
  private static final JsonMapper JSON = new JsonMapper();

  @TempDir Path folder;
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private LedgerFolder ledgers;
  private MockProvider provider;

  @BeforeEach
  void start() throws IOException {
    ledgers = new LedgerFolder(folder);
    provider = new MockProvider(0, ledgers, 1, FaultMix.NONE);
  }

  @AfterEach
  void stop() throws IOException {
    provider.close();
    http.shutdownNow();
  }

  @Test
  void answersWithTheMarkerAndANonceThatItWroteDown() throws Exception {
    HttpResponse<String> response = ask(false);

    JsonNode body = JSON.readTree(response.body());
    String content = body.path("choices").path(0).path("message").path("content").asString();
    Call call = calls().getFirst();
    assertEquals(new Served(call.nonce(), call.contentHash()), Served.of(content));
    assertTrue(content.startsWith("mark-1-000001 "));
    assertEquals("mark-1-000001", call.marker());
    assertEquals("secret", call.key());
    assertEquals(call.tokens().prompt(), body.path("usage").path("prompt_tokens").asLong());
    assertEquals(call.tokens().completion(), body.path("usage").path("completion_tokens").asLong());
  }

  @Test
  void streamsTheSameTextAndItsUsageLast() throws Exception {
    HttpResponse<String> response = ask(true);

    StringBuilder content = new StringBuilder();
    List<String> events =
        response.body().lines().filter(line -> line.startsWith("data: ")).toList();
    for (String event : events.subList(0, events.size() - 1)) {
      JsonNode chunk = JSON.readTree(event.substring("data: ".length()));
      content.append(chunk.path("choices").path(0).path("delta").path("content").asString(""));
    }
    Call call = calls().getFirst();
    assertEquals("data: [DONE]", events.getLast());
    assertEquals(call.contentHash(), Served.of(content.toString()).contentHash());
    assertTrue(events.get(events.size() - 2).contains("\"total_tokens\""));
  }

  @Test
  void givesEveryCallItsOwnPrice() throws Exception {
    Set<Object> tokens = new HashSet<>();

    for (int i = 0; i < 50; i++) {
      ask(false);
    }

    calls().forEach(call -> tokens.add(call.tokens()));
    assertEquals(50, tokens.size());
  }

  @ParameterizedTest
  @EnumSource(names = {"THROTTLED_SECONDS", "THROTTLED_DATE"})
  void throttlesWithRetryAfter(ProviderFault fault) throws Exception {
    provider.setFaults(only(fault));

    HttpResponse<String> response = ask(false);

    assertEquals(429, response.statusCode());
    assertTrue(response.headers().firstValue("retry-after").isPresent());
  }

  @ParameterizedTest
  @EnumSource(names = {"RESET_BEFORE_HEADERS", "RESET_MID_BODY", "TRUNCATED"})
  void breaksOff(ProviderFault fault) {
    provider.setFaults(only(fault));

    assertThrows(IOException.class, () -> ask(false));
  }

  @Test
  void endsATruncatedStreamInOrderButWithoutDone() throws Exception {
    provider.setFaults(only(ProviderFault.TRUNCATED));

    HttpResponse<String> response = ask(true);

    assertEquals(200, response.statusCode());
    assertFalse(response.body().contains("[DONE]"));
    assertFalse(response.body().contains("total_tokens"));
  }

  @Test
  void leavesTheUsageOut() throws Exception {
    provider.setFaults(only(ProviderFault.MISSING_USAGE));

    assertTrue(JSON.readTree(ask(false).body()).path("usage").isMissingNode());
    assertFalse(ask(true).body().contains("total_tokens"));
  }

  @Test
  void changesItsFaultsOnRequest() throws Exception {
    HttpRequest change =
        HttpRequest.newBuilder(provider.baseUrl().resolve("/control/faults"))
            .PUT(HttpRequest.BodyPublishers.ofString("{\"shares\": {\"ERROR_500\": 1.0}}"))
            .build();

    assertEquals(200, http.send(change, HttpResponse.BodyHandlers.ofString()).statusCode());

    assertEquals(500, ask(false).statusCode());
  }

  @Test
  void isDownAsAWholeBelowItsFirstPathAndNowhereElse() throws Exception {
    provider.setFirstIsDown(true);

    assertEquals(503, askAt(provider.firstBaseUrl(), false).statusCode());
    assertEquals(503, models(provider.firstBaseUrl()));
    assertEquals(200, ask(false).statusCode());
    assertEquals(200, models(provider.baseUrl()));
    assertEquals(ProviderFault.OUTAGE, calls().getFirst().fault());

    provider.setFirstIsDown(false);

    assertEquals(200, askAt(provider.firstBaseUrl(), false).statusCode());
    assertEquals(200, models(provider.firstBaseUrl()));
  }

  private int models(URI base) throws Exception {
    URI models = URI.create(base + "/models");
    HttpRequest request = HttpRequest.newBuilder(models).build();
    return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
  }

  private HttpResponse<String> ask(boolean stream) throws Exception {
    return askAt(provider.baseUrl(), stream);
  }

  private HttpResponse<String> askAt(URI base, boolean stream) throws Exception {
    String body =
        JSON.writeValueAsString(
            Map.of(
                "model",
                "mock-priced",
                "stream",
                stream,
                "stream_options",
                Map.of("include_usage", true),
                "messages",
                List.of(Map.of("role", "user", "content", "mark-1-000001 say something"))));
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(base + "/chat/completions"))
            .header("authorization", "Bearer secret")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    return http.send(request, HttpResponse.BodyHandlers.ofString());
  }

  private List<Call> calls() throws IOException {
    return LedgerFolder.lines(ledgers.calls(), Call.class);
  }

  private static FaultMix only(ProviderFault fault) {
    return new FaultMix(Map.of(fault, 1.0));
  }
}
