package dev.sluice.runtime.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.runtime.telemetry.ProcessMeters;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AdminEndpointIT {
  private final HttpClient client = HttpClient.newHttpClient();
  private final ProcessMeters meters = new ProcessMeters();
  private final AtomicReference<List<Readiness.Waiting>> waiting = new AtomicReference<>(List.of());
  private AdminEndpoint endpoint;

  @AfterEach
  void stop() {
    client.close();
    endpoint.close();
    meters.close();
  }

  @Test
  void readinessNamesWhatTheProcessWaitsFor() throws Exception {
    start("127.0.0.1");
    waiting.set(List.of(new Readiness.Waiting("router", "waits for a \"policy\"")));

    HttpResponse<String> notYet = get("/readyz");
    waiting.set(List.of());
    HttpResponse<String> ready = get("/readyz");

    assertEquals(503, notYet.statusCode());
    assertEquals(
        "{\"status\":\"waiting\",\"waiting_for\":[\"router\"],"
            + "\"reasons\":{\"router\":\"waits for a \\\"policy\\\"\"}}",
        notYet.body());
    assertEquals(200, ready.statusCode());
    assertEquals(200, get("/healthz").statusCode());
  }

  @Test
  void everyMetricIsNamedAfterSluice() throws Exception {
    start("127.0.0.1");
    meters.registry().counter("jobs.accepted").increment();

    String body = get("/metrics").body();

    assertTrue(body.contains("sluice_jobs_accepted_total 1.0"));
    List<String> foreign =
        body.lines().filter(line -> !line.startsWith("#") && !line.startsWith("sluice_")).toList();
    assertEquals(List.of(), foreign);
  }

  @Test
  void mountedHandlersServeTheirPrefix() throws Exception {
    start("127.0.0.1");

    assertEquals("/7", get("/schemas/7").body());
    assertEquals(404, get("/nothing").statusCode());
  }

  @Test
  void offLoopbackAllButHealthWantsAnAdminKey() throws Exception {
    start("0.0.0.0");

    assertEquals(200, get("/healthz").statusCode());
    assertEquals(200, get("/readyz").statusCode());
    assertEquals(401, get("/metrics").statusCode());
    assertEquals(401, get("/schemas/7", "Authorization", "Bearer wrong").statusCode());
    assertEquals(200, get("/schemas/7", "Authorization", "Bearer right").statusCode());
    assertEquals(200, get("/metrics", "x-api-key", "right").statusCode());
  }

  private void start(String host) {
    endpoint =
        new AdminEndpoint(
                host,
                0,
                waiting::get,
                meters::scrape,
                Map.of(
                    "/schemas",
                    exchange -> exchange.getResponseSender().send(exchange.getRelativePath())),
                "right"::equals)
            .start();
  }

  private HttpResponse<String> get(String path, String... headers) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + endpoint.port() + path));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), BodyHandlers.ofString());
  }
}
