package dev.sluice.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.testkit.Eventually;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What becomes of a job when those who waited for it leave: through a whole Sluice, down to the
/// provider's socket.
class DisconnectE2E {
  private static final Duration GRACE = Duration.ofSeconds(30);
  private static final Pattern ID = Pattern.compile("\"id\":\"(job_[0-9a-z]{26})\"");
  private static final String ANSWER =
      "{\"id\":\"x\",\"object\":\"chat.completion\",\"model\":\"m\",\"choices\":[{\"index\":0,"
          + "\"message\":{\"role\":\"assistant\",\"content\":\"late\"},\"finish_reason\":\"stop\"}],"
          + "\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":1,\"total_tokens\":2}}";

  private final HttpClient http = HttpClient.newHttpClient();
  @TempDir private Path folder;

  @AfterEach
  void closeClient() {
    http.shutdownNow();
  }

  @Test
  void aVendorCallIsCancelledAfterTheGracePeriodAndANativeJobGoesOn() throws Exception {
    try (ServerSocket provider = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
        SluiceProcess sluice = up(provider)) {
      URI url = URI.create(sluice.line().split(" ", -1)[1]);
      try (Socket plain = take(provider, vendorCall(url, "plain", false));
          Socket stream = take(provider, vendorCall(url, "stream", true))) {
        long left = System.nanoTime();
        String watched = submit(url);
        try (Socket nativeJob = take(provider, watcher(url, watched))) {

          assertEquals(-1, plain.getInputStream().read());
          assertEquals(-1, stream.getInputStream().read());

          Duration lived = Duration.ofNanos(System.nanoTime() - left);
          assertTrue(lived.compareTo(GRACE.minusSeconds(1)) > 0, () -> "closed after " + lived);
          assertTrue(lived.compareTo(GRACE.plusSeconds(25)) < 0, () -> "closed after " + lived);
          Eventually.await(
              "both are cancelled",
              Duration.ofSeconds(10),
              () -> listed(url, "cancelled").split("\"object\":\"job\"", -1).length == 3);
          assertEquals("running", status(url, watched));

          answer(nativeJob);
          Eventually.await(
              "native job done",
              Duration.ofSeconds(10),
              () -> status(url, watched).equals("succeeded"));
        }
      }
      assertEquals(0, sluice.terminate(), sluice.stderr());
    }
  }

  private SluiceProcess up(ServerSocket provider) {
    return SluiceProcess.start(
        folder,
        "up",
        "--data=" + folder.resolve("data"),
        "--port=0",
        "--kafka-port=0",
        "--admin-port=0",
        "--upstream=http://127.0.0.1:" + provider.getLocalPort() + "/v1");
  }

  /// A caller that will leave once the provider has its request.
  private static Socket vendorCall(URI url, String content, boolean stream) throws IOException {
    String body =
        "{\"model\":\"demo\",\"stream\":%s,\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]}"
            .formatted(stream, content);
    return send(url, "POST /v1/chat/completions", body);
  }

  private static Socket watcher(URI url, String job) throws IOException {
    return send(url, "GET /v1/jobs/" + job + "?wait=60", "");
  }

  private static Socket send(URI url, String call, String body) throws IOException {
    Socket socket = new Socket(url.getHost(), url.getPort());
    String head =
        call
            + " HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer sk-sluice-demo\r\n"
            + "Content-Type: application/json\r\nContent-Length: "
            + body.length()
            + "\r\n\r\n";
    socket.getOutputStream().write((head + body).getBytes(StandardCharsets.US_ASCII));
    socket.getOutputStream().flush();
    return socket;
  }

  /// The provider's side of a call, read to the end of its request; the caller has then left.
  private static Socket take(ServerSocket provider, Socket caller) throws IOException {
    try (caller) {
      provider.setSoTimeout(20_000);
      Socket call = provider.accept();
      call.setSoTimeout(60_000);
      StringBuilder request = new StringBuilder();
      while (!request.toString().contains("]}") && !request.toString().contains("],")) {
        byte[] some = new byte[4_096];
        int count = call.getInputStream().read(some);
        assertTrue(count > 0, () -> "no whole request: " + request);
        request.append(new String(some, 0, count, StandardCharsets.UTF_8));
      }
      return call;
    }
  }

  private static void answer(Socket call) throws IOException {
    String head =
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
            + ANSWER.length()
            + "\r\n\r\n";
    call.getOutputStream().write((head + ANSWER).getBytes(StandardCharsets.US_ASCII));
    call.getOutputStream().flush();
  }

  private String submit(URI url) throws Exception {
    HttpRequest request =
        authorized(url, "/v1/jobs")
            .header("content-type", "application/json")
            .POST(
                BodyPublishers.ofString(
                    "{\"model\":\"demo\",\"messages\":[{\"role\":\"user\",\"content\":\"n\"}]}"))
            .build();
    HttpResponse<String> answer = http.send(request, BodyHandlers.ofString());
    assertEquals(202, answer.statusCode(), answer.body());
    Matcher id = ID.matcher(answer.body());
    assertTrue(id.find(), answer.body());
    return id.group(1);
  }

  private String status(URI url, String job) throws Exception {
    String body = get(url, "/v1/jobs/" + job);
    Matcher status = Pattern.compile("\"status\":\"(\\w+)\"").matcher(body);
    assertTrue(status.find(), body);
    return status.group(1);
  }

  private String listed(URI url, String status) throws Exception {
    return get(url, "/v1/jobs?status=" + status);
  }

  private String get(URI url, String path) throws Exception {
    return http.send(authorized(url, path).build(), BodyHandlers.ofString()).body();
  }

  private static HttpRequest.Builder authorized(URI url, String path) {
    return HttpRequest.newBuilder(url.resolve(path))
        .header("authorization", "Bearer sk-sluice-demo");
  }
}
