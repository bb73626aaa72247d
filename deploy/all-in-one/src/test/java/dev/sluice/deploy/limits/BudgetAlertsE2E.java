package dev.sluice.deploy.limits;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.deploy.SluiceProcess;
import dev.sluice.deploy.callback.CallbackReceiver;
import dev.sluice.deploy.callback.CallbackReceiver.Received;
import dev.sluice.testkit.Eventually;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// GPU time and alerts of budgets through a whole Sluice and a kill: metered, limited, told.
class BudgetAlertsE2E {
  private static final Duration LONG = Duration.ofMinutes(3);

  /// Four GPUs over two slots: each call takes two GPU-seconds a second, and owes 3.6 USD for it.
  private static final String CONFIGURATION =
      """
      server:
        callbacks: {allow: [127.0.0.0/8]}
      tenants:
        - id: acme
          keys: [{id: k, secret: "${file:KEY}", scopes: [submit, read, cancel, costs]}]
          budgets:
            - {requests: 10, period: forever, on_exceeded: hold, alerts: [1.0, 0.4]}
            - {gpu_seconds: 3600, period: forever}
      pools:
        - id: gpu
          provider: simulated
          concurrency: 2
          timeouts: {total: PT10M}
          simulation: {first_token: PT0.05S, tokens_per_second: 0}
          gpu: {type: H100, count: 4, usd_per_hour: 6480}
      models:
        - {id: m, routes: [{pool: gpu, model: m}]}
      """;

  private final HttpClient http = HttpClient.newHttpClient();
  @TempDir private Path folder;

  @AfterEach
  void closeClient() {
    http.shutdownNow();
  }

  @Test
  void gpuTimeIsMeteredAndEachPartOfABudgetIsToldOnceThroughAKill() throws Exception {
    try (CallbackReceiver receiver = new CallbackReceiver()) {
      SluiceProcess first = up();
      URI url = url(first);
      String endpoint = "{\"url\":\"%s\",\"event_types\":[\"budget.alert\"]}";
      assertEquals(200, post(url, "/v1/webhook_endpoints", endpoint.formatted(receiver.url("/a"))));

      call(url, 4);
      Eventually.await("the first part is told", LONG, () -> !receiver.calls("/a").isEmpty());
      call(url, 2);
      first.kill();

      try (SluiceProcess second = up()) {
        URI again = url(second);
        call(again, 4);
        Eventually.await("the whole is told", LONG, () -> ids(receiver).size() == 2);
        assertTold(receiver);
        assertSeen(again);
        assertMetered(again);
        assertEquals(0, second.terminate());
      }
    }
  }

  private static List<String> ids(CallbackReceiver receiver) {
    return receiver.calls("/a").stream().map(Received::id).distinct().toList();
  }

  private static void assertTold(CallbackReceiver receiver) {
    JsonNode event = JsonMapper.shared().readTree(receiver.calls("/a").getFirst().body());
    JsonNode data = event.required("data");
    assertEquals("budget.alert", event.required("type").stringValue());
    assertEquals("budget_alert", data.required("object").stringValue());
    assertEquals("requests/forever@UTC", data.required("quota").stringValue());
    assertEquals("0.4", data.required("fraction").stringValue());
    assertEquals("4", data.required("used").stringValue());
    assertEquals("10", data.required("limit").stringValue());
    assertTrue(receiver.calls("/a").getLast().body().contains("\"fraction\":\"1\""));
  }

  private void assertSeen(URI url) throws Exception {
    JsonNode quotas = get(url, "/v1/quotas").required("data");
    assertEquals(
        "[{\"fraction\":\"0.4\",\"reached\":true},{\"fraction\":\"1\",\"reached\":true}]",
        quotas.get(0).required("alerts").toString());
    JsonNode gpu = quotas.get(1);
    assertEquals("gpu_seconds", gpu.required("unit").stringValue());
    assertEquals("0", gpu.required("reserved").stringValue());
    BigDecimal used = new BigDecimal(gpu.required("used").stringValue());
    // Ten calls of 50 ms at least.
    assertTrue(used.compareTo(BigDecimal.ONE) >= 0, used::toString);
  }

  /// What is owed is the time, exactly; without a price of tokens it is what is charged as well.
  private void assertMetered(URI url) throws Exception {
    BigDecimal used =
        new BigDecimal(
            get(url, "/v1/quotas").required("data").get(1).required("used").stringValue());
    Eventually.await(
        "finance sees what the limit counts",
        LONG,
        () ->
            group(url).filter(sum -> decimal(sum, "gpu_seconds").compareTo(used) == 0).isPresent());
    JsonNode sum = group(url).orElseThrow();
    BigDecimal usd = used.multiply(new BigDecimal("1.8"));
    assertEquals(0, usd.compareTo(decimal(sum, "owed_usd")), sum.toString());
    assertEquals(0, usd.compareTo(decimal(sum, "charged_usd")), sum.toString());
    assertEquals(0, sum.required("unpriced").intValue());
  }

  private Optional<JsonNode> group(URI url) throws Exception {
    JsonNode data = get(url, "/v1/costs").required("data");
    return data.isEmpty() ? Optional.empty() : Optional.of(data.get(0));
  }

  private static BigDecimal decimal(JsonNode node, String member) {
    return new BigDecimal(node.required(member).stringValue());
  }

  private SluiceProcess up() throws IOException {
    Path key = Files.writeString(folder.resolve("key"), "sk-acme");
    Path file =
        Files.writeString(
            folder.resolve("sluice.yaml"), CONFIGURATION.replace("KEY", key.toString()));
    return SluiceProcess.start(
        folder,
        "up",
        "-c",
        file.toString(),
        "--data=" + folder.resolve("data"),
        "--port=0",
        "--kafka-port=0",
        "--admin-port=0");
  }

  private static URI url(SluiceProcess sluice) throws IOException {
    return URI.create(sluice.line().split(" ", -1)[1]);
  }

  private void call(URI url, int times) throws Exception {
    String chat = "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";
    for (int i = 0; i < times; i++) {
      assertEquals(200, post(url, "/v1/chat/completions", chat));
    }
  }

  private int post(URI url, String path, String body) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(url.resolve(path))
            .header("authorization", "Bearer sk-acme")
            .header("content-type", "application/json")
            .POST(BodyPublishers.ofString(body))
            .build();
    return http.send(request, BodyHandlers.ofString()).statusCode();
  }

  private JsonNode get(URI url, String path) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(url.resolve(path)).header("authorization", "Bearer sk-acme").build();
    HttpResponse<String> answer = http.send(request, BodyHandlers.ofString());
    assertEquals(200, answer.statusCode(), answer.body());
    return JsonMapper.shared().readTree(answer.body());
  }
}
