package dev.sluice.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.deploy.cli.CommandRun;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `sluice up` as a user meets it: one process, its ready line, its exit codes.
class UpE2E {
  private static final Pattern READY =
      Pattern.compile(
          "ready (http://127\\.0\\.0\\.1:\\d+) kafka (127\\.0\\.0\\.1:\\d+)"
              + " admin (http://127\\.0\\.0\\.1:\\d+) key sk-sluice-demo");
  private static final String CHAT =
      """
      {"model":"demo","messages":[{"role":"user","content":"hello"}]}\
      """;

  private final HttpClient http = HttpClient.newHttpClient();
  @TempDir private Path folder;

  @AfterEach
  void closeClient() {
    http.shutdownNow();
  }

  @Test
  void answersDrainsAndCarriesOnWhereItStopped() throws Exception {
    Path data = folder.resolve("data");
    String job;
    try (SluiceProcess first = up(data)) {
      Matcher ready = ready(first);
      HttpResponse<String> answer = chat(ready.group(1));
      assertEquals(200, answer.statusCode(), answer.body());
      job = answer.headers().firstValue("x-request-id").orElseThrow();
      assertOwnsItsTask(ready.group(3));
      assertMetrics(get(ready.group(3) + "/metrics").body());
      assertHealthy(ready, data);

      assertEquals(0, first.terminate(), first.stderr());
      assertEquals(List.of(), first.rest());
    }

    try (SluiceProcess second = up(data)) {
      Matcher ready = ready(second);
      assertOwnsItsTask(ready.group(3));
      assertSucceeded(ready.group(1), job);
      second.kill();
    }

    try (SluiceProcess third = up(data)) {
      Matcher ready = ready(third);
      assertOwnsItsTask(ready.group(3));
      assertFalse(third.stderr().contains("dead members stay"), third.stderr());
      assertSucceeded(ready.group(1), job);
      assertEquals(200, chat(ready.group(1)).statusCode());
      assertEquals(0, third.terminate(), third.stderr());
    }
  }

  @Test
  void takenPortIsOneLineAndExitThree() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        SluiceProcess process =
            SluiceProcess.start(
                folder,
                "up",
                "--data=" + folder.resolve("data"),
                "--port=" + taken.getLocalPort())) {
      assertEquals(3, process.exitCode());
      assertEquals(1, complaints(process).size(), process.stderr());
      assertTrue(complaints(process).getFirst().contains("port " + taken.getLocalPort()));
    }
  }

  @Test
  void folderThatCannotBeWrittenIsOneLineAndExitThree() throws Exception {
    Path file = Files.writeString(folder.resolve("file"), "not a folder");

    try (SluiceProcess process = up(file)) {
      assertEquals(3, process.exitCode());
      assertEquals(1, complaints(process).size(), process.stderr());
      assertTrue(complaints(process).getFirst().contains("cannot be written"));
    }
  }

  @Test
  void wrongConfigurationIsExitTwo() throws Exception {
    Path file = Files.writeString(folder.resolve("sluice.yaml"), "tenats: []\n");

    try (SluiceProcess process = SluiceProcess.start(folder, "up", "-c", file.toString())) {
      assertEquals(2, process.exitCode());
      assertTrue(process.stderr().contains(file + ":1:1: tenats"), process.stderr());
    }
  }

  private SluiceProcess up(Path data) {
    return SluiceProcess.start(
        folder, "up", "--data=" + data, "--port=0", "--kafka-port=0", "--admin-port=0");
  }

  /// Ready means that the router has its task, also where a dead one had it before.
  private void assertOwnsItsTask(String admin) throws Exception {
    assertEquals("{\"status\":\"ready\"}", get(admin + "/readyz").body());
    String metrics = get(admin + "/metrics").body();
    assertTrue(metrics.lines().anyMatch("sluice_router_tasks 1.0"::equals), metrics);
    for (String service : List.of("ingress", "router", "worker", "metering")) {
      String start = "sluice_service_start_seconds{service=\"" + service + "\"} ";
      assertTrue(metrics.lines().anyMatch(line -> line.startsWith(start)), metrics);
    }
  }

  /// Each service's clients are seen, those of Kafka Streams too.
  private static void assertMetrics(String text) {
    List<String> samples = text.lines().filter(line -> !line.startsWith("#")).toList();
    assertTrue(samples.stream().allMatch(line -> line.startsWith("sluice_")), text);
    for (String client :
        List.of("ingress", "router-producer", "worker-deltas", "metering-consumer", "policy")) {
      String requests = "sluice_kafka_requests_total{client=\"" + client + "\"} ";
      assertTrue(samples.stream().anyMatch(line -> line.startsWith(requests)), requests + text);
    }
  }

  private static void assertHealthy(Matcher ready, Path data) {
    CommandRun doctor =
        CommandRun.of(
            "doctor",
            "--url=" + ready.group(1),
            "--kafka=" + ready.group(2),
            "--admin=" + ready.group(3),
            "--data=" + data);
    assertEquals(0, doctor.code(), doctor.out());
    assertTrue(doctor.lines().stream().allMatch(line -> line.startsWith("ok ")), doctor.out());
  }

  private static List<String> complaints(SluiceProcess process) throws IOException {
    return process.stderr().lines().filter(line -> line.startsWith("sluice: ")).toList();
  }

  private static Matcher ready(SluiceProcess process) throws IOException {
    String line = process.line();
    Matcher ready = READY.matcher(line);
    assertTrue(ready.matches(), line);
    return ready;
  }

  private HttpResponse<String> chat(String url) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url + "/v1/chat/completions"))
            .header("authorization", "Bearer sk-sluice-demo")
            .header("content-type", "application/json")
            .POST(BodyPublishers.ofString(CHAT))
            .build();
    return http.send(request, BodyHandlers.ofString());
  }

  private void assertSucceeded(String url, String job) throws Exception {
    HttpResponse<String> answer = get(url + "/v1/jobs/" + job);
    assertEquals(200, answer.statusCode(), answer.body());
    assertTrue(answer.body().contains("\"status\":\"succeeded\""), answer.body());
  }

  private HttpResponse<String> get(String url) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url))
            .header("authorization", "Bearer sk-sluice-demo")
            .build();
    return http.send(request, BodyHandlers.ofString());
  }
}
