package dev.sluice.deploy.limits;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.deploy.SluiceCaller;
import dev.sluice.deploy.SluiceProcess;
import dev.sluice.deploy.callback.CallbackReceiver;
import dev.sluice.deploy.callback.CallbackReceiver.Received;
import dev.sluice.testkit.Eventually;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
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
          keys: [{id: k, secret: "${env:KEY}", scopes: [submit, read, cancel, costs]}]
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

  /// Four writers have twenty requests each.
  private static final String IN_SHARDS =
      """
      server:
        callbacks: {allow: [127.0.0.0/8]}
        topics: {partitions: {router: 4}}
      tenants:
        - id: acme
          keys: [{id: k, secret: "${env:KEY}", scopes: [submit, read]}]
          shards: 4
          budgets: [{requests: 80, period: forever, on_exceeded: hold, alerts: [0.25, 0.3]}]
      pools:
        - {id: p, provider: simulated, concurrency: 8}
      models:
        - {id: m, routes: [{pool: p, model: m}]}
      """;

  @TempDir private Path folder;
  private SluiceCaller caller;
  private int asked;

  @AfterEach
  void closeCaller() {
    caller.close();
  }

  @Test
  void gpuTimeIsMeteredAndEachPartOfABudgetIsToldOnceThroughAKill() throws Exception {
    try (CallbackReceiver receiver = new CallbackReceiver()) {
      SluiceProcess first = up(CONFIGURATION);
      listen(receiver);

      call(4);
      Eventually.await("the first part is told", LONG, () -> !receiver.calls("/a").isEmpty());
      call(2);
      first.kill();

      try (SluiceProcess second = up(CONFIGURATION)) {
        call(4);
        Eventually.await("the whole is told", LONG, () -> ids(receiver).size() == 2);
        assertTold(receiver);
        assertSeen();
        assertMetered();
        assertEquals(0, second.terminate());
      }
    }
  }

  @Test
  void whatAllShardsHaveUsedTogetherIsToldOnceThroughAKill() throws Exception {
    try (CallbackReceiver receiver = new CallbackReceiver()) {
      SluiceProcess first = up(IN_SHARDS);
      listen(receiver);
      call(19);
      Eventually.await("nineteen are counted", LONG, () -> used() == 19);
      first.kill();

      try (SluiceProcess second = up(IN_SHARDS)) {
        assertEquals(List.of(), receiver.calls("/a"));
        call(1);
        Eventually.await("a quarter is told", LONG, () -> ids(receiver).size() == 1);
        assertEquals("0.25 of 80: 20", told(receiver.calls("/a").getFirst()));
        call(4);
        Eventually.await("more is told", LONG, () -> ids(receiver).size() == 2);
        assertEquals("0.3 of 80: 24", told(receiver.calls("/a").getLast()));
        assertEquals(0, second.terminate());
      }
    }
  }

  private static String told(Received received) {
    JsonNode data = JsonMapper.shared().readTree(received.body()).required("data");
    return data.required("fraction").stringValue()
        + " of "
        + data.required("limit").stringValue()
        + ": "
        + data.required("used").stringValue();
  }

  private int used() throws Exception {
    return caller.read("/v1/quotas").required("data").get(0).required("used").intValue();
  }

  private void listen(CallbackReceiver receiver) throws Exception {
    String endpoint = "{\"url\":\"%s\",\"event_types\":[\"budget.alert\"]}";
    post("/v1/webhook_endpoints", endpoint.formatted(receiver.url("/a")));
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

  private void assertSeen() throws Exception {
    JsonNode quotas = caller.read("/v1/quotas").required("data");
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
  private void assertMetered() throws Exception {
    BigDecimal used =
        new BigDecimal(
            caller.read("/v1/quotas").required("data").get(1).required("used").stringValue());
    Eventually.await(
        "finance sees what the limit counts",
        LONG,
        () -> group().filter(sum -> decimal(sum, "gpu_seconds").compareTo(used) == 0).isPresent());
    JsonNode sum = group().orElseThrow();
    BigDecimal usd = used.multiply(new BigDecimal("1.8"));
    assertEquals(0, usd.compareTo(decimal(sum, "owed_usd")), sum.toString());
    assertEquals(0, usd.compareTo(decimal(sum, "charged_usd")), sum.toString());
    assertEquals(0, sum.required("unpriced").intValue());
  }

  private Optional<JsonNode> group() throws Exception {
    JsonNode data = caller.read("/v1/costs").required("data");
    return data.isEmpty() ? Optional.empty() : Optional.of(data.get(0));
  }

  private static BigDecimal decimal(JsonNode node, String member) {
    return new BigDecimal(node.required(member).stringValue());
  }

  private SluiceProcess up(String configuration) throws IOException {
    SluiceProcess sluice = SluiceProcess.up(folder, configuration, Map.of("KEY", "sk-acme"));
    caller = new SluiceCaller(sluice.url(), "sk-acme");
    return sluice;
  }

  private void call(int times) throws Exception {
    String chat = "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"%d\"}]}";
    for (int i = 0; i < times; i++) {
      post("/v1/chat/completions", chat.formatted(asked++));
    }
  }

  private void post(String path, String body) throws Exception {
    HttpResponse<String> answer = caller.post(path, body);
    assertEquals(200, answer.statusCode(), answer.body());
  }
}
