package dev.sluice.ingress.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sluice.contract.model.JobId;
import dev.sluice.ingress.IngressConfig;
import dev.sluice.testkit.Eventually;
import java.io.InputStream;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DisconnectTest {
  @RegisterExtension
  final HttpFixture fixture =
      new HttpFixture(
          new IngressConfig.Timing(
              Duration.ofMinutes(10),
              Duration.ofHours(24),
              Duration.ofSeconds(5),
              Duration.ofMillis(200),
              Duration.ofMillis(150),
              Duration.ofSeconds(10),
              Duration.ofMillis(100)));

  @ParameterizedTest(name = "stream {0}")
  @ValueSource(booleans = {false, true})
  void cancelsAJobWhoseCallerHangsUp(boolean stream) throws Exception {
    JobId id;
    try (Socket socket = call(stream)) {
      id = JobId.parse(fixture.log.takeSubmission().getJobId()).orElseThrow();
      assertTrue(socket.isConnected());
    }

    var command = fixture.log.takeCommand(5);

    assertEquals(id.text(), command.getJobId());
    assertEquals("disconnected", command.getCancel().getReason());
  }

  @Test
  void cancelsItEvenIfTheCallerHadSentMoreBefore() throws Exception {
    JobId id;
    try (Socket socket = call(false)) {
      id = JobId.parse(fixture.log.takeSubmission().getJobId()).orElseThrow();
      socket.getOutputStream().write("GET / HTTP/1.1\r\n".getBytes(StandardCharsets.US_ASCII));
    }

    assertEquals(id.text(), fixture.log.takeCommand(5).getJobId());
  }

  @Test
  void cancelsItEvenIfSomeoneReadsTheJob() throws Exception {
    JobId id;
    CompletableFuture<HttpResponse<String>> reader;
    try (Socket caller = call(false)) {
      id = JobId.parse(fixture.log.takeSubmission().getJobId()).orElseThrow();
      reader = fixture.getting("/v1/jobs/" + id.text() + "?wait=20");
      Eventually.await("both watch", Duration.ofSeconds(5), () -> fixture.log.watchers(id) == 2);
      assertTrue(caller.isConnected());
    }

    assertEquals(id.text(), fixture.log.takeCommand(5).getJobId());
    assertTrue(reader.get().body().contains("\"status\":\"cancelled\""));
  }

  @Test
  void aReaderThatHangsUpIsForgottenAndItsJobGoesOn() throws Exception {
    fixture.post("/v1/jobs", "{\"model\":\"fast\",\"messages\":[{\"role\":\"user\"}]}");
    JobId id = JobId.parse(fixture.log.takeSubmission().getJobId()).orElseThrow();
    try (Socket reader = new Socket("127.0.0.1", fixture.port())) {
      reader
          .getOutputStream()
          .write(
              ("GET /v1/jobs/"
                      + id.text()
                      + "?wait=60 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer "
                      + HttpFixture.KEY
                      + "\r\n\r\n")
                  .getBytes(StandardCharsets.US_ASCII));
      Eventually.await(
          "the reader watches", Duration.ofSeconds(5), () -> fixture.log.watchers(id) == 1);
    }

    Eventually.await(
        "the reader is forgotten", Duration.ofSeconds(5), () -> fixture.log.watchers(id) == 0);
    assertTrue(fixture.log.commands.isEmpty());
    assertTrue(fixture.get("/v1/jobs/" + id.text()).body().contains("\"status\":\"queued\""));
  }

  @Test
  void keepsASilentStreamAliveWithComments() throws Exception {
    try (Socket socket = call(true)) {
      socket.setSoTimeout(5_000);
      StringBuilder answer = new StringBuilder();
      InputStream in = socket.getInputStream();
      byte[] buffer = new byte[1_024];
      while (answer.toString().split(": waiting\n\n", -1).length < 3) {
        int n = in.read(buffer);
        assertTrue(n > 0, answer.toString());
        answer.append(new String(buffer, 0, n, StandardCharsets.US_ASCII));
      }
    }
  }

  private Socket call(boolean stream) throws Exception {
    String body =
        "{\"model\":\"fast\",\"messages\":[{\"role\":\"user\"}],\"stream\":" + stream + "}";
    Socket socket = new Socket("127.0.0.1", fixture.port());
    String head =
        "POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
            + "Authorization: Bearer "
            + HttpFixture.KEY
            + "\r\nContent-Length: "
            + body.length()
            + "\r\n\r\n";
    socket.getOutputStream().write((head + body).getBytes(StandardCharsets.US_ASCII));
    socket.getOutputStream().flush();
    return socket;
  }
}
